"""What is too large, or cannot be read, is refused unread or read once, and never an error of the server."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.test import Client
from django.urls import include, path

from ...helpers.rows import stored_passkey
from ...helpers.steps import SignedIn
from ...urls import urlpatterns as usual
from ..requests import (
    FORM,
    JSON,
    MULTIPART,
    OPTIONS,
    POSTING,
    Broken,
    Untouched,
    announce,
    code_of,
    part,
    state,
)

urlpatterns = [*usual, path("", include("otp_passkeys.well_known"))]

LARGE = 20_000_000
# What reads nothing, so that Django's middleware alone would.
SAFE = [
    "/passkeys/icons/1/unknown/light/",
    "/.well-known/webauthn",
    "/.well-known/passkey-endpoints",
]


@pytest.fixture
def client(alice: User, signed_in: SignedIn) -> Client:
    """Sign alice in, who has a passkey, and demand tokens of her browser."""
    stored_passkey(alice)
    return signed_in(alice, enforce_csrf_checks=True)


def refused(name: str, content_type: str, *, visitor: bool, status: int) -> int:
    """Return the status that a body is refused with: a visitor's registration is not even looked at."""
    if name == "register" and visitor:
        return 401 if content_type == JSON else 302
    return status


@pytest.mark.parametrize("visitor", [True, False], ids=["visitor", "user"])
@pytest.mark.parametrize("name", POSTING)
def test_a_large_body_is_not_read(alice: User, client: Client, name: str, visitor: bool) -> None:
    """T12: 413 by the announced length; nothing of the body is read, and no token is looked for in it."""
    browser = Client(enforce_csrf_checks=True) if visitor else client
    before = state(alice)
    for content_type in (FORM, MULTIPART, JSON, "text/plain"):
        for length in (LARGE, 64 * 1024 + 1):
            response = announce(browser, name, content_type, Untouched(), length)
            # JSON is not needed there, so it is left unread; there is no token in its header.
            unread = name in OPTIONS and content_type == JSON
            status = refused(name, content_type, visitor=visitor, status=413)
            assert response.status_code == (403 if unread else status), content_type
            assert "no-store" in response["Cache-Control"] or unread
            if response.status_code == 413:
                assert b"The request is too large." in response.content
            assert response.headers.get("X-Frame-Options") == "DENY"
            if content_type == JSON and status == 413 and name not in (*OPTIONS, "sign-in"):
                assert code_of(response) == "too_large"
    assert state(alice) == before


def test_the_sign_in_page_says_so(alice: User) -> None:
    """T12: it is the page for any account, with a form that can be sent."""
    response = announce(Client(), "sign-in", FORM, Untouched(), LARGE)
    assert response.status_code == 413
    words = (b"The request is too large.", b'name="username"', b'name="csrfmiddlewaretoken"')
    assert all(one in response.content for one in words)


@pytest.mark.parametrize("name", OPTIONS)
def test_a_ceremony_needs_no_body(alice: User, name: str, signed_in: SignedIn) -> None:
    """T12: JSON that is too large to be read wishes for nothing."""
    for length in (64 * 1024 + 1, LARGE):
        response = announce(signed_in(alice), name, JSON, Untouched(), length)
        assert response.status_code == 200
        assert response.json()["challenge"]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", SAFE)
def test_what_takes_no_post_reads_none(db: None, address: str) -> None:
    """T12: an icon and the well-known files read no body, of whatever length."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "x" * 32
    for content_type in (FORM, MULTIPART):
        for length in ("1000", str(LARGE)):
            meta: dict[str, Any] = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": length}
            meta["wsgi.input"] = Untouched()
            response = client.generic("POST", address, **meta)
            assert response.status_code == 405


def test_get_reads_no_body(client: Client) -> None:
    """T12: what comes with a GET is not looked at, whatever it says of itself."""
    for target in ("", "sign-in/", "reauthenticate/", "sync/", "sign-out-elsewhere/"):
        for method in ("GET", "HEAD"):
            meta = {"CONTENT_TYPE": FORM, "CONTENT_LENGTH": str(LARGE), "wsgi.input": Untouched()}
            response = client.generic(method, f"/passkeys/{target}", **meta)  # type: ignore[arg-type]
            assert response.status_code in (200, 302)


@pytest.mark.parametrize("name", POSTING)
def test_a_sender_who_goes(alice: User, signed_in: SignedIn, name: str) -> None:
    """T12: a connection that breaks while the body is read is 400, of a form and of JSON."""
    stored_passkey(alice)
    client, before = signed_in(alice), state(alice)
    for content_type in (FORM, MULTIPART):
        response = announce(client, name, content_type, Broken(), 100)
        assert response.status_code == (200 if name in OPTIONS else 400)
    assert state(alice) == before
    if name not in ("delete", "sign-in"):  # which take no JSON
        response = announce(client, name, JSON, Broken(), 100)
        assert response.status_code == (200 if name in OPTIONS else 400)
        assert code_of(response) == ("" if name in OPTIONS else "malformed_request")


async def by_asgi(target: str, chunks: list[bytes], headers: dict[str, str]) -> tuple[int, bytes]:
    """Send a body in chunks, as an ASGI server passes one on that has no length."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": target,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("testserver", 80),
    }
    site = ApplicationCommunicator(get_asgi_application(), scope)
    for chunk in chunks:
        await site.send_input({"type": "http.request", "body": chunk, "more_body": True})
    await site.send_input({"type": "http.request", "body": b""})
    start, body = await site.receive_output(10), await site.receive_output(10)
    await site.wait()
    return start["status"], body.get("body", b"")


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
@pytest.mark.parametrize("limit", [2_500_000, None])
def test_chunks_by_asgi(settings: Any, content_type: str, limit: int | None) -> None:
    """T12: a body of no announced length is measured before it is parsed, and refused if it is too large."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = limit
    secret = "x" * 32
    headers = {
        "host": "testserver",
        "content-type": content_type,
        "cookie": f"{django_settings.CSRF_COOKIE_NAME}={secret}",
        "x-csrftoken": secret,
    }
    send = async_to_sync(by_asgi)
    for number in (65, 3000):  # chunks of a kB
        status, _ = send("/passkeys/authenticate/", [b"x" * 1024] * number, headers)
        assert status == 413
    small = {JSON: b"{}", FORM: b"credential={}", MULTIPART: part("credential", b"{}")}
    status, body = send("/passkeys/authenticate/", [small[content_type]], headers)
    assert status == 400
    assert content_type != JSON or b"malformed_request" in body
