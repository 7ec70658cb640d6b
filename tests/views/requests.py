"""Requests with odd bodies to every address that takes POST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.urls import urlpatterns

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
# Whatever is added to the app is tried too.
POSTING = [
    str(pattern.name)
    for pattern in urlpatterns
    if hasattr(getattr(pattern.callback, "view_class", None), "post")
]
# These have a page, a list or what to signal.
GETTING = [
    str(pattern.name)
    for pattern in urlpatterns
    if hasattr(getattr(pattern.callback, "view_class", None), "get")
]
# These begin a ceremony, and need no body for it.
OPTIONS = ["register-options", "authenticate-options"]


class Untouched:
    """The stream of a body that nobody may read."""

    def read(self, *size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


class Broken:
    """The stream of a body whose sender has gone."""

    def read(self, *size: int) -> bytes:
        raise OSError("connection reset")

    readline = read


def path_of(name: str) -> str:
    """Return an address of the app, on the one passkey that there is where it is one's address."""
    takes = name in ("rename", "delete")
    return reverse(f"otp_passkeys:{name}", args=[Passkey.objects.get().pk] if takes else [])


def post(client: Client, name: str, data: bytes, content_type: str, **meta: Any) -> Response:
    """Post bytes; the client leaves the type of an empty body out, unless it is among the metadata."""
    meta = {"CONTENT_TYPE": content_type, **meta}
    return client.generic("POST", path_of(name), data, content_type, secure=True, **meta)


def announce(client: Client, name: str, content_type: str, stream: Any, length: int) -> Response:
    """Announce a body, and give its stream to the site."""
    meta = {"CONTENT_LENGTH": str(length), "wsgi.input": stream}
    return post(client, name, b"", content_type, **meta)


def part(name: str, content: bytes, *, more: str = "", headers: str = "") -> bytes:
    """Return a multipart body with one field; with ``filename`` in ``more`` it is a file."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n{headers}\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


def code_of(response: Response) -> str:
    """Return the code of a JSON refusal, empty for anything else."""
    return str(response.json().get("code", "")) if response["Content-Type"] == JSON else ""


def state(user: User) -> list[Any]:
    """Return what a request might change."""
    user.refresh_from_db()
    return [list(Passkey.objects.order_by("pk").values()), user.password, user.last_login]
