"""The migrations of the floor."""
