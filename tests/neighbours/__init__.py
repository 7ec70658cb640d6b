"""Small real sites with another package beside this app: `nox -s neighbours` runs the tests of each."""
