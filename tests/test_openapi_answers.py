"""What the endpoints answer, good and refused, is what the OpenAPI description says."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import resolve

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from .helpers_rows import stored_passkey
from .helpers_steps import SignedIn, answer, ask, enrol, post
from .test_openapi import DOCUMENT, OPERATIONS

JSON = {"Accept": "application/json"}


def check(response: Any, status: int, code: str = "") -> Any:
    """Expect an answer of this status, and that the description has it in this shape."""
    assert response.status_code == status, response.content
    request = response.wsgi_request
    operation = OPERATIONS.get((resolve(request.path).url_name, request.method.lower()))
    answers = operation["responses"] if operation else {}
    described = answers.get(str(status)) or DOCUMENT["components"]["responses"]["MethodNotAllowed"]
    if "$ref" in described or status == 405:
        described = DOCUMENT["components"]["responses"]["MethodNotAllowed"]
    else:
        assert str(status) in answers
    if status == 204:
        assert "content" not in described
        return None
    schema = described["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]},
    ).validate(response.json())
    assert response.json().get("code", "") == code
    return response.json()


def send(client: Client, path: str, body: Any = None, **options: Any) -> Any:
    """Post JSON to a path."""
    more: dict[str, Any] = {"content_type": "application/json", "headers": JSON, "secure": True}
    return client.post(path, {} if body is None else body, **(more | options))


@pytest.fixture
def client(alice: User, signed_in: SignedIn) -> Client:
    """Sign alice in."""
    return signed_in(alice)


def test_walk(client: Client, alice: User, authenticator: Authenticator) -> None:
    """Adding, listing, renaming, syncing, confirming, deleting and signing in (S4)."""
    check(client.get("/passkeys/", headers=JSON), 200)
    options = check(post(client, "register-options", {"hints": ["hybrid"]}), 200)
    body = {"credential": authenticator.create(options), "nickname": "x" * 65}
    added = check(post(client, "register", body), 201)
    assert "nickname_error" in added
    check(client.get("/passkeys/", headers=JSON), 200)
    check(send(client, added["rename_url"], {"nickname": "Desk"}), 200)
    sync = check(client.get("/passkeys/sync/", secure=True), 200)
    check(post(client, "sync", {"token": sync["token"]}), 204)
    options = check(post(client, "authenticate-options"), 200)
    check(answer(client, "authenticate", authenticator.get(options)), 200)
    check(send(client, f"/passkeys/{stored_passkey(alice).pk}/delete/"), 204)
    client.logout()
    options = check(post(client, "authenticate-options"), 200)
    check(answer(client, "authenticate", authenticator.get(options)), 200)
    check(Client().get("/passkeys/sync/"), 204)


def test_visitor(db: None) -> None:
    """A visitor's refusals (S4)."""
    visitor = Client()
    check(visitor.get("/passkeys/", headers=JSON), 401, "not_authenticated")
    for path in ("register/options/", "register/", "1/rename/", "1/delete/", "sync/"):
        check(send(visitor, f"/passkeys/{path}"), 401, "not_authenticated")
    check(send(visitor, "/passkeys/authenticate/"), 400, "malformed_request")
    check(send(visitor, "/passkeys/sign-in/forget/", {"next": 1}), 400, "malformed_request")


def test_bodies(client: Client, passkey: Passkey, signed_in: SignedIn) -> None:
    """Bodies that cannot be read, and methods that are not taken (S4)."""
    own = f"/passkeys/{passkey.pk}/"
    big = {"nickname": "x" * 70_000}
    for path in ("/passkeys/register/", "/passkeys/authenticate/", own + "rename/"):
        check(send(client, path, big), 413, "too_large")
        check(send(client, path, "{"), 400, "malformed_request")
        put = client.put(path, {}, content_type="application/json")
        check(put, 405, "method_not_allowed")
    text = send(client, "/passkeys/sync/", "token", content_type="text/plain")
    check(text, 415, "unsupported_media_type")
    check(send(client, own + "rename/", {"nickname": "x" * 65}), 422, "invalid_nickname")
    check(send(client, "/passkeys/99999/rename/"), 404, "passkey_not_found")
    unverified = signed_in(passkey.user, verified=False)
    check(post(unverified, "register-options"), 403, "reauthentication_required")
    check(send(unverified, own + "delete/"), 403, "reauthentication_required")


def test_ceremonies(
    client: Client, passkey: Passkey, eve: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """Answers that are refused (S4)."""
    visitor = Client()
    good = authenticator.get(ask(visitor, "authenticate-options"))
    check(answer(Client(), "authenticate", good), 400, "challenge_invalid")
    check(answer(visitor, "authenticate", good), 200)
    visitor = Client()
    bad = authenticator.get(ask(visitor, "authenticate-options"), origin="https://evil.example")
    check(answer(visitor, "authenticate", bad), 422, "verification_failed")
    check(answer(visitor, "authenticate", bad), 400, "challenge_spent")
    Passkey.objects.update(confirmed=False)
    off = authenticator.get(ask(visitor, "authenticate-options"))
    check(answer(visitor, "authenticate", off), 403, "credential_disabled")
    Passkey.objects.all().delete()
    gone = authenticator.get(ask(visitor, "authenticate-options"))
    said = check(answer(visitor, "authenticate", gone), 404, "credential_not_found")
    assert said["signal"]


def test_last_way_in(client: Client, alice: User, authenticator: Authenticator) -> None:
    """The last way in is kept (S4)."""
    passkey = enrol(client, authenticator)
    alice.set_unusable_password()
    alice.save()
    browser = Client()
    check(
        answer(browser, "authenticate", authenticator.get(ask(browser, "authenticate-options"))),
        200,
    )
    check(send(browser, f"/passkeys/{passkey.pk}/delete/"), 409, "last_way_in")
