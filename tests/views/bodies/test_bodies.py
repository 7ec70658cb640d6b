"""What comes over the wire: methods, types, sizes, encodings."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from otp_passkeys.models import Passkey
from otp_passkeys.views.panel import RenameView

from ...helpers.rows import stored_passkey
from ...helpers.steps import csrf_secret, outcome

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
METHODS = {
    "": "GET", "register/options/": "POST", "register/": "POST", "authenticate/options/": "POST",
    "authenticate/": "POST", "{pk}/rename/": "GET, POST", "{pk}/delete/": "GET, POST",
    "sync/": "GET, POST",
}  # fmt: skip
READING = ["register/", "authenticate/", "{pk}/rename/", "sync/"]


@pytest.fixture
def passkey(alice: User) -> Passkey:
    """Give alice a passkey."""
    return stored_passkey(alice, nickname="Before")


def send(client: Client, path: str, data: bytes, content_type: str = JSON, **meta: str) -> Any:
    """Post bytes, and check that the answer comes at once and is no failure of the server."""
    began = time.process_time()  # a busy machine is no hang
    meta.setdefault("CONTENT_TYPE", content_type)  # the client says none of an empty body
    response = client.generic("POST", f"/passkeys/{path}", data, content_type, **meta)  # type: ignore[arg-type]
    assert time.process_time() - began < 1
    assert response.status_code < 500
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert Passkey.objects.get().nickname == "Before"
    return response


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "X"])
@pytest.mark.parametrize("path", METHODS)
def test_refuses_other_methods(passkey: Passkey, browser: Client, path: str, method: str) -> None:
    """Each address takes its methods and answers 405 to others, with what it takes (T25)."""
    allowed = METHODS[path].split(", ")
    target = f"/passkeys/{path.format(pk=passkey.pk)}"
    response = browser.generic(method, target, b"{}", JSON, headers={"Accept": JSON})
    if method in allowed or (method == "HEAD" and "GET" in allowed):
        assert response.status_code != 405
        return
    assert response.status_code == 405
    assert set(allowed) <= set(response.headers["Allow"].split(", "))
    if method != "HEAD":
        assert response.json()["code"] == "method_not_allowed"
    response = browser.generic(method, target, b"a=b", FORM)
    assert response.status_code == 405
    assert set(allowed) <= set(response.headers["Allow"].split(", "))
    # A page that posts to the wrong address has no JSON to read; these have no page.
    only_json = path in ("register/options/", "authenticate/options/", "sync/")
    assert bool(response.content) is (only_json and method != "HEAD")
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "text/json", "application/cbor", "application/jsonp", "x"],
)
def test_refuses_other_types(
    passkey: Passkey, browser: Client, path: str, content_type: str
) -> None:
    """Neither a form nor JSON: 415 (T12)."""
    path = path.format(pk=passkey.pk)
    assert send(browser, path, b'{"nickname": "x"}', content_type).status_code == 415


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    ("content_type", "meta"),
    [
        (JSON, {}),
        (FORM, {}),
        ("multipart/form-data; boundary=x", {}),
        (JSON, {"CONTENT_LENGTH": "-1"}),
        (JSON, {"CONTENT_LENGTH": "9" * 5000}),
        (JSON, {"CONTENT_LENGTH": "x"}),
    ],
)
@pytest.mark.parametrize("size", [64 * 1024 + 1, 4_000_000])
def test_refuses_what_is_too_large(
    passkey: Passkey, browser: Client, path: str, content_type: str, meta: dict[str, str], size: int
) -> None:
    """More than 64 kB is refused unread, also where its length is a lie (T12)."""
    if meta and content_type == JSON and size > 100_000:
        size = 64 * 1024 + 1
    path = path.format(pk=passkey.pk)
    response = send(browser, path, b'"' + b"x" * (size - 2) + b'"', content_type, **meta)
    # Django itself refuses forms of more than 2.5 MB, and this is no multipart body either.
    by_django = size > 2_500_000 or content_type.startswith("multipart")
    assert response.status_code in ((413, 400) if by_django else (413,))


def test_refuses_a_large_body_of_no_announced_length(passkey: Passkey, browser: Client) -> None:
    """A body sent in chunks announces no length, and is measured when it is read (T12)."""
    request = RequestFactory().post("/", b'"' + b"x" * 64 * 1024 + b'"', content_type=JSON)
    del request.META["CONTENT_LENGTH"]
    browser.get("/passkeys/")  # for the cookie, which its scripts send as a header too
    secret = request.META["HTTP_X_CSRFTOKEN"] = csrf_secret(browser)
    request.COOKIES[settings.CSRF_COOKIE_NAME] = secret
    request.user = passkey.user
    response = RenameView.as_view()(request, pk=passkey.pk)
    assert response.status_code == 413


@pytest.mark.parametrize("content_type", [JSON, f"{JSON}; charset=utf-8", f"{JSON}; charset=x"])
def test_takes_what_is_just_small_enough(
    passkey: Passkey, browser: Client, content_type: str
) -> None:
    """64 kB exactly are read, in UTF-8 whatever the header says."""
    body = b'{"nickname": "' + "é".encode() * 65 + b'", "filler": "' + b"x" * 64_000
    body += b"x" * (64 * 1024 - len(body) - 2) + b'"}'
    response = send(browser, f"{passkey.pk}/rename/", body, content_type)
    assert outcome(response) == "invalid_nickname"


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"{'nickname': 'x'}",
        b'{"nickname": NaN}',
        b'{"nickname": "x", "a": Infinity}',
        b'{"nickname": "x", "a": ' + b"9" * 5000 + b"}",
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b"\xff\xfe",
        b'{"nickname": "\xff"}',
        '{"nickname": "x"}'.encode("utf-16"),
        '{"nickname": "x"}'.encode("utf-16-le"),
        '{"nickname": "x"}'.encode("utf-32"),
        b'\xef\xbb\xbf{"nickname": "x"}',
        b'{"nickname": "x"}{}',
        b'{"nickname": "x"}\x00',
    ],
)
def test_refuses_what_is_no_object(
    passkey: Passkey, browser: Client, path: str, data: bytes
) -> None:
    """Empty, cut, deep, in another encoding, or no JSON at all: 400 (T12)."""
    response = send(browser, path.format(pk=passkey.pk), data)
    assert response.status_code == 400
    assert response.json() == {
        "code": "malformed_request",
        "detail": "The request could not be read. Reload the page and try again.",
    }


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
        # A name that is both whole and in pieces (RFC 2231), at which Python's parser fails.
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name*=utf-8''a; name*0=b\r\n\r\nc\r\n--x--\r\n",
        ),
        # A name in an encoding that nobody knows, at which the first releases of Django 5.2 fail.
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name*=nonsense''%41\r\n\r\nc\r\n--x--\r\n",
        ),
        (FORM, b"&" * 20_000),
        (FORM, b"a=1&" * 2000),
        (FORM, b"%"),
    ],
)
@pytest.mark.usefixtures("passkey")
def test_survives_odd_forms(browser: Client, content_type: str, data: bytes) -> None:
    """A form that Django cannot read is its 400, one without fields a refusal (T12)."""
    for path in ("register/", "authenticate/"):
        assert send(browser, path, data, content_type).status_code == 400


def test_survives_odd_preferences(passkey: Passkey, browser: Client) -> None:
    """An Accept header that cannot be read asks for nothing, whoever sends it (T12)."""
    for accept in (
        "text/html; q*=utf-8''1; q*0=1",  # both whole and in pieces, at which Python's parser fails
        "text/html; q*=x''1",
        ";",
    ):
        headers = {"Accept": accept}
        assert browser.get("/passkeys/", headers=headers).status_code == 200
        assert Client().get("/passkeys/", headers=headers).status_code == 302


def test_needs_no_body_to_begin(passkey: Passkey, browser: Client) -> None:
    """Beginning reads nothing, so that nothing there does harm (T7)."""
    for path in ("register/options/", "authenticate/options/"):
        for content_type, data in ((JSON, b""), (JSON, b"{"), ("text/plain", b"x"), (FORM, b"a=1")):
            response = send(browser, path, data, content_type)
            assert response.status_code == 200
            assert response.headers["Content-Type"] == JSON
