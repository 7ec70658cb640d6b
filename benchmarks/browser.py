"""What a browser does for a sign-in: one connection, cookies, the CSRF token."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

_TIMEOUT = 60  # seconds for one answer


class Unexpected(Exception):
    """The site did not do what it should."""


class Browser:
    """A new browser that knows nothing of the site yet; it speaks to this machine only."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def get(self, path: str) -> str:
        """Return a page.

        :raises Unexpected: if it is anything but a page.
        """
        return self._request("GET", path, {"Accept": "text/html"}, None, 200).decode()

    def send_form(self, path: str, fields: dict[str, str]) -> None:
        """Send a form that is answered with a redirect.

        :raises Unexpected: if it is not.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._request("POST", path, headers, urlencode(fields).encode(), 302)

    def send_json(self, path: str, body: dict[str, Any], *, status: int = 200) -> dict[str, Any]:
        """Send JSON and return the JSON that comes back.

        :raises Unexpected: if the status is another.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = self._request("POST", path, headers, json.dumps(body).encode(), status)
        parsed: dict[str, Any] = json.loads(answer)
        return parsed

    def _request(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, status: int
    ) -> bytes:
        headers["Host"] = self.origin.removeprefix("http://")
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={v}" for name, v in self._cookies.items())
        if method == "POST":
            headers["Origin"] = self.origin
            headers["X-CSRFToken"] = self._cookies["csrftoken"]
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            self._cookies.update({name: m.value for name, m in SimpleCookie(line).items()})
        if response.status != status:
            # The start is enough to know the fault by.
            raise Unexpected(f"{method} {path}: {response.status} {content[:200]!r}")
        return content
