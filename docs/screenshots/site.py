"""The example site on a temporary SQLite file, served to a browser."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "example_project"


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Make a new database, and set Django up on it in this process."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EXAMPLE_DATABASE"] = str(Path(folder) / "db.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "example.settings"
        sys.path.insert(0, str(EXAMPLE))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield


@contextlib.contextmanager
def served(port: int, language: str = "") -> Iterator[str]:
    """Serve the site on the database, and yield its address.

    :param port: see :func:`free_port`.
    :param language: the code of a language, for the pages as the package brings them; by default the site's own pages.
    """
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "docs.screenshots.settings",
        "EXAMPLE_LANGUAGE": language,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    address = f"localhost:{port}"
    server = subprocess.Popen(
        [sys.executable, str(EXAMPLE / "manage.py"), "runserver", "--noreload", address],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://{address}/settings/passkeys/sign-in/")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    """Return when the site answers.

    :raises TimeoutError: if it does not within 20 seconds.
    """
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5)
            return
        time.sleep(0.2)
    raise TimeoutError(address)
