"""Eve tries everything: what is not hers is not there, on every address and method."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.signals import passkey_deleted, passkey_renamed

from ...helpers.rows import stored_passkey
from ...helpers.signals import sent
from ...helpers.steps import SignedIn, csrf_secret

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def state() -> list[object]:
    """Return all rows."""
    models = (Passkey, UserHandle, SpentChallenge, User)
    return [list(model.objects.order_by("pk").values()) for model in models]


def bare(content: bytes) -> bytes:
    """Leave out what differs in each page: the masked CSRF token."""
    return b"".join(line for line in content.splitlines() if b"csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("accept", ["text/html", JSON])
@pytest.mark.parametrize("action", ["rename", "delete"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "POST JSON"])
def test_foreign_and_missing_are_the_same(
    alice: User, eve: User, signed_in: SignedIn, accept: str, action: str, method: str
) -> None:
    """Alice's passkey, a missing and an absurd one: one 404, one body (S1.10, P1, P2)."""
    passkey = stored_passkey(alice, nickname="Alices")
    stored_passkey(eve, nickname="Eves")
    client = signed_in(eve)
    before = state()
    answers = set()
    with sent(passkey_deleted) as deleted, sent(passkey_renamed) as renamed:
        for pk in (passkey.pk, passkey.pk + 1000, 0, 2**31, 2**63, 2**64, 10**30, "0" * 1000 + "1"):
            name, _, kind = method.partition(" ")
            response = client.generic(
                name,
                f"/passkeys/{pk}/{action}/",
                b'{"nickname": "Mine"}' if kind else b"nickname=Mine",
                content_type=JSON if kind else FORM,
                headers={"Accept": accept},
            )
            answers.add((response.status_code, response["Content-Type"], bare(response.content)))
    ((status, content_type, content),) = answers
    assert status == 404
    is_json = kind or accept == JSON
    assert content_type.startswith(JSON if is_json else "text/html")
    if is_json and name != "HEAD":
        assert content == (
            b'{"detail": "This passkey is no longer in your account.", "code": "passkey_not_found"}'
        )
    elif name != "HEAD":
        assert b"This passkey is no longer in your account." in content
    assert b"Alices" not in content
    assert state() == before
    assert deleted == renamed == []


@pytest.mark.parametrize("pk", ["-1", "%00", "1%00", "１", "%D9%A1", "1.0", "1e0", "x", "%2e%2e"])  # noqa: RUF001
@pytest.mark.parametrize("action", ["rename", "delete"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_numbers_are_no_addresses(
    alice: User, signed_in: SignedIn, pk: str, action: str, method: str
) -> None:
    """Negative, NUL, Unicode digits: 404, never a 5xx (P2)."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    response = client.generic(method, f"/passkeys/{pk}/{action}/", b"", content_type=FORM)
    assert response.status_code == 404
    assert Passkey.objects.filter(pk=passkey.pk).exists()
    assert client.generic(method, f"/passkeys/{'9' * 5000}/{action}/").status_code == 404


def test_bad_names_tell_nothing(alice: User, eve: User, signed_in: SignedIn) -> None:
    """A bad name for a foreign and for a missing passkey has one answer too (S1.10)."""
    passkey = stored_passkey(alice)
    client = signed_in(eve)
    for content_type, data in ((JSON, b'{"nickname": "\\u0000"}'), (FORM, b"nickname=%00")):
        answers = set()
        for pk in (passkey.pk, passkey.pk + 1000):
            path = f"/passkeys/{pk}/rename/"
            response = client.post(path, data, content_type=content_type)
            answers.add((response.status_code, bare(response.content)))
        assert len(answers) == 1


ADDRESSES = {
    "": "GET",
    "register/options/": "POST",
    "register/": "POST",
    "{pk}/rename/": "GET POST",
    "{pk}/delete/": "GET POST",
}


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("inactive", [False, True])
def test_visitors_are_sent_to_sign_in(
    alice: User, signed_in: SignedIn, path: str, inactive: bool
) -> None:
    """Pages redirect to sign in, JSON is a 401, nothing changes (S1.12, T21)."""
    passkey = stored_passkey(alice)
    client = signed_in(alice) if inactive else Client()
    User.objects.update(is_active=not inactive)
    before = state()
    target = f"/passkeys/{path.format(pk=passkey.pk)}"
    for method in ADDRESSES[path].split():
        accept = {"Accept": JSON}
        body = client.generic(method, target, b"{}", content_type=JSON, headers=accept)
        assert body.status_code == 401
        assert body.json() == {
            "detail": "Sign in first.",
            "code": "not_authenticated",
            "reauthenticate_url": "/passkeys/reauthenticate/",
        }
        page = client.generic(method, target, b"credential={}", content_type=FORM)
        if path == "register/options/":
            assert page.status_code == 401  # it has no page, only scripts ask it
        else:
            back = target if method == "GET" else "/passkeys/"
            assert page.status_code == 302
            assert page.headers["Location"] == f"/passkeys/sign-in/?next={back}"
    assert state() == before


@pytest.mark.each_set
@pytest.mark.parametrize(
    "content_type", [JSON, "text/plain", FORM, "application/xml", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"x" * 70_000])
def test_visitors_see_no_panel(db: None, content_type: str, data: bytes) -> None:
    """Who is not signed in gets no panel for a body that cannot be read either (S1.12)."""
    response = Client().post("/passkeys/register/", data, content_type=content_type)
    assert response.status_code in (302, 400, 401, 413, 415)
    assert b"otp-passkey-panel" not in response.content


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_safe_methods_change_nothing(alice: User, signed_in: SignedIn, method: str) -> None:
    """No state changes on GET (S1.12, P3)."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    before, session = state(), dict(client.session)
    paths = [*ADDRESSES, "authenticate/options/", "authenticate/", "sync/", "sign-in/"]
    for path in paths:
        target = f"/passkeys/{path.format(pk=passkey.pk)}?nickname=x&confirm=yes"
        assert client.generic(method, target).status_code in (200, 405)
    assert state() == before
    assert dict(client.session) == session


@pytest.mark.parametrize("path", [*ADDRESSES, "authenticate/options/", "authenticate/", "sync/"])
@pytest.mark.parametrize("middleware", [True, False])
@pytest.mark.parametrize("content_type", [JSON, FORM, "text/plain"])
def test_needs_a_csrf_token(
    alice: User, signed_in: SignedIn, settings: Any, path: str, middleware: bool, content_type: str
) -> None:
    """Every POST needs the token, begin included, also without the middleware (S1.12, P3, T15)."""
    if not middleware:
        csrf = "django.middleware.csrf.CsrfViewMiddleware"
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != csrf]
    passkey = stored_passkey(alice)
    client = signed_in(alice, enforce_csrf_checks=True)
    target = f"/passkeys/{path.format(pk=passkey.pk)}"
    before = state()
    client.get("/passkeys/")
    for headers in ({}, {"X-CSRFToken": "x" * 32}, {"Origin": "https://evil.example"}):
        response = client.post(target, b"{}", content_type=content_type, headers=headers)
        assert response.status_code in ((403, 405) if path == "" else (403,))
    assert state() == before
    allowed = {"X-CSRFToken": csrf_secret(client)}
    foreign = {**allowed, "Origin": "https://evil.example"}
    response = client.post(target, b"{}", content_type=content_type, headers=foreign)
    assert response.status_code in ((403, 405) if path == "" else (403,))
    response = client.post(target, b"{}", content_type=content_type, headers=allowed)
    assert response.status_code != 403


@pytest.mark.parametrize("accept", ["text/html", JSON])
@pytest.mark.parametrize("signed", [True, False])
def test_is_neither_stored_nor_framed(
    alice: User, signed_in: SignedIn, settings: Any, accept: str, signed: bool
) -> None:
    """Every answer says no-store and may not be framed, whatever it is (S1.18, P9, P10)."""
    frames = "django.middleware.clickjacking.XFrameOptionsMiddleware"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != frames]
    passkey = stored_passkey(alice)
    client = signed_in(alice) if signed else Client()
    paths = [*ADDRESSES, "authenticate/options/", "authenticate/", "sync/", "sign-in/"]
    for path in (*paths, "{pk}0/rename/", "{pk}0/delete/"):
        for method in ("GET", "POST", "PUT"):
            target = f"/passkeys/{path.format(pk=passkey.pk)}"
            response = client.generic(method, target, headers={"Accept": accept})
            assert response.headers["X-Frame-Options"] == "DENY"
            directives = response.headers["Cache-Control"].split(", ")
            assert {"no-store", "private"} <= set(directives)
