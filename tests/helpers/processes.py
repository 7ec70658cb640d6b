"""Python in a process of its own."""

import os
import subprocess
import sys


def run(script: str, *arguments: str) -> str:
    """Run a script on the test site, because in this process all may have been loaded, and return what it prints.

    :param script: Python.
    :param arguments: what the script has in ``sys.argv``.
    """
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
