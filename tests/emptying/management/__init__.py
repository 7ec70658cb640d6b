"""See the command in it."""
