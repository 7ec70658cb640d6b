"""A server with workers, and a browser that keeps no connection."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from django.db import connection
from django.urls import reverse

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(*, workers: int) -> Iterator[int]:
    """Serve the test site with gunicorn, on the database of the tests, and yield the port."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
        "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "gunicorn", f"--workers={workers}", "--log-level=warning"]
        command += [f"--bind=fd://{listener.fileno()}", "tests.processes.wsgi:application"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1]
        finally:
            server.terminate()
            server.wait(30)


class Browser:
    """A browser at one address, whatever ports the requests go to; each has a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port, self.host = port, f"localhost:{port}"
        self.origin = f"http://{self.host}"
        self.cookies: dict[str, str] = {}
        self.process = ""
        """What answered last."""
        self.request("GET", "sign-in")  # the page brings the CSRF cookie

    def request(
        self, method: str, name: str, body: dict[str, Any] | None = None, *, port: int = 0
    ) -> tuple[int, Any]:
        """Send a request and return status and JSON; `port` is where another process listens."""
        headers = {"Host": self.host, "Origin": self.origin, "Connection": "close"}
        headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        http = HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        try:
            http.request(method, reverse(f"otp_passkeys:{name}"), json.dumps(body or {}), headers)
            response = http.getresponse()
            content = response.read()
        finally:
            http.close()
        for line in response.headers.get_all("Set-Cookie", []):
            for key, morsel in SimpleCookie(line).items():
                self.cookies[key] = morsel.value
        self.process = response.headers["X-Process"]
        is_json = response.headers.get("Content-Type") == "application/json"
        return response.status, json.loads(content) if is_json else None
