"""Bodies at a site with lower limits than the app, and at one that reads them first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ...conftest import PASSWORD
from ...helpers.rows import stored_passkey
from ...helpers.steps import SignedIn, is_signed_in
from ..requests import FORM, JSON, MULTIPART, OPTIONS, POSTING, part, post, state

READERS: dict[str, Callable[[Any], object]] = {
    "POST": lambda request: request.POST,
    "FILES": lambda request: request.FILES,
    "body": lambda request: request.body,
    "stream": lambda request: request.read(),
}


def early(get_response: Any, name: str) -> Any:
    """Return a middleware of a site that reads the body of each request."""

    def read(request: Any) -> Any:
        READERS[name](request)
        return get_response(request)

    return read


def early_post(get_response: Any) -> Any:
    """Look at the form of each request."""
    return early(get_response, "POST")


def early_files(get_response: Any) -> Any:
    """Look at the files of each request."""
    return early(get_response, "FILES")


def early_body(get_response: Any) -> Any:
    """Look at the bytes of each request."""
    return early(get_response, "body")


def early_stream(get_response: Any) -> Any:
    """Use up the bytes of each request."""
    return early(get_response, "stream")


EARLY = [early_post, early_files, early_body, early_stream]


@pytest.mark.parametrize("name", POSTING)
def test_the_limits_of_the_site(alice: User, signed_in: SignedIn, settings: Any, name: str) -> None:
    """T12: what is over Django's own limits, where they are lower, is 413 or 400, and a page of the app says so."""
    stored_passkey(alice)
    client, before = signed_in(alice), state(alice)
    fields = b"&".join(b"a%d=x" % number for number in range(300))
    bodies = {
        FORM: fields,
        MULTIPART: part("a", b"x" * 2000),
        JSON: b'{"a": "' + b"x" * 2000 + b'"}',
    }
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    for content_type, data in bodies.items():
        if content_type == JSON and name in ("delete", "sign-in"):  # which take none
            continue
        response = post(client, name, data, content_type)
        unread = name in OPTIONS and content_type == JSON
        assert response.status_code == (200 if unread else 413), content_type
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    two_files = part("a", b"x", more='; filename="a"').removesuffix(b"--\r\n") + b"\r\n"
    two_files += part("b", b"x", more='; filename="b"').removeprefix(b"--x\r\n")
    bad_base64 = part(
        "a", b"abcde", more='; filename="a"', headers="Content-Transfer-Encoding: base64\r\n"
    )
    for content_type, data in (
        (FORM, fields),
        (MULTIPART, part("a", b"").removesuffix(b"--x--\r\n") * 200),
        (MULTIPART, two_files),
        (MULTIPART, bad_base64),
        (MULTIPART, part("a", b"x", headers="X: " + "x" * 2000 + "\r\n")),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=é", b"x"),
    ):
        response = post(client, name, data, content_type)
        assert response.status_code == (200 if name in OPTIONS else 400), data[:60]
        assert name in OPTIONS or b"The request could not be read." in response.content
    assert state(alice) == before


@pytest.mark.parametrize("reader", EARLY, ids=[one.__name__ for one in EARLY])
@pytest.mark.parametrize("name", POSTING)
def test_a_site_that_reads_first(
    alice: User, signed_in: SignedIn, settings: Any, name: str, reader: Any
) -> None:
    """T12: a middleware that has read the body before the view leaves it as good as it can."""
    stored_passkey(alice)
    settings.MIDDLEWARE = [f"{__name__}.{reader.__name__}", *settings.MIDDLEWARE]
    client, before = signed_in(alice), state(alice)
    for content_type, data in ((FORM, b"a=b"), (MULTIPART, part("a", b"b")), (JSON, b"[]")):
        if name == "delete":  # it needs no body, so it would be done
            data = data.ljust(64 * 1024 + 1)
        response = post(client, name, data, content_type)
        assert 200 <= response.status_code < 500, content_type
    assert post(client, name, b"x" * 70_000, FORM).status_code == 413
    assert name in ("sign-in", "sign-out-elsewhere") or state(alice) == before


@pytest.mark.parametrize("reader", EARLY[:3], ids=[one.__name__ for one in EARLY[:3]])
@pytest.mark.parametrize("content_type", [FORM, MULTIPART])
@pytest.mark.usefixtures("alice")
def test_a_form_that_the_site_has_read(settings: Any, reader: Any, content_type: str) -> None:
    """A form is read all the same, token included, where the site has looked at it first."""
    settings.MIDDLEWARE = [f"{__name__}.{reader.__name__}", *settings.MIDDLEWARE]
    client = Client(enforce_csrf_checks=True)
    page = client.get("/passkeys/sign-in/", secure=True)
    fields = {
        "username": "alice",
        "password": PASSWORD,
        "csrfmiddlewaretoken": page.context["csrf_token"],
    }
    data = b"&".join(f"{key}={value}".replace(" ", "+").encode() for key, value in fields.items())
    if content_type == MULTIPART:
        parts = [part(key, str(value).encode()) for key, value in fields.items()]
        data = b"".join(one.removesuffix(b"--x--\r\n") for one in parts) + b"--x--\r\n"
    response = post(client, "sign-in", data, content_type, HTTP_ORIGIN="https://testserver")
    assert response.status_code == 302
    assert is_signed_in(client)
