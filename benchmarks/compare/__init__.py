"""What this app costs beside the floor and beside other packages, each in a process of its own.

`python -m benchmarks.compare` prints a table; `nox -s compare` installs what it compares.
"""
