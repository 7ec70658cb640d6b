"""A registration that a form brings ends on a page, good or bad."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ...helpers.steps import SignedIn, ask, enrol


def post(client: Client, credential: object, **fields: str) -> Any:
    """Post what the panel's form posts."""
    data = {"credential": json.dumps(credential), **fields}
    return client.post("/passkeys/register/", data, secure=True)


@pytest.mark.parametrize(("nickname", "stored"), [("Desk", "Desk"), ("", ""), ("a\u202eb", "")])
def test_leads_to_the_list(
    browser: Client, authenticator: Authenticator, nickname: str, stored: str
) -> None:
    """The page shows the new row at once, a bad nickname dropped (S2.1, S1.13)."""
    registration = authenticator.create(ask(browser, "register-options"))
    response = post(browser, registration, nickname=nickname)
    passkey = Passkey.objects.get()
    assert passkey.nickname == stored
    assert response.status_code == 302
    assert response.headers["Location"] == f"/passkeys/?added={passkey.pk}"
    assert b"data-highlight" in browser.get(response.headers["Location"]).content


def test_leads_nowhere_else(browser: Client, authenticator: Authenticator) -> None:
    """A registration ends on the list, whatever next says (T17)."""
    registration = authenticator.create(ask(browser, "register-options"))
    response = post(browser, registration, next="https://evil.example/")
    assert response.headers["Location"].startswith("/passkeys/?added=")


@pytest.mark.parametrize(
    ("flaw", "status", "message"),
    [
        ("unverified", 422, "The passkey could not be verified."),
        ("replayed", 400, "This request was already answered."),
        ("duplicate", 409, "This passkey is already registered."),
        ("foreign", 400, "This page no longer fits your session."),
        ("empty", 400, "The request could not be read."),
    ],
)
def test_shows_the_panel_with_the_reason(
    browser: Client, eve: User, signed_in: SignedIn, flaw: str, status: int, message: str
) -> None:
    """A refusal is the panel with the reason, the status, and the rows that are there."""
    first = Authenticator()
    enrol(browser, first, nickname="Kept")
    options = ask(browser, "register-options")
    registration = Authenticator().create(options, force=True, user_verified=flaw != "unverified")
    if flaw == "replayed":
        post(browser, registration)
        Passkey.objects.exclude(nickname="Kept").delete()
    elif flaw == "duplicate":
        stolen = first.credentials[0].id
        registration = Authenticator().create(options, force=True, credential_id=stolen)
    elif flaw == "foreign":
        browser = signed_in(eve)
        enrol(browser, Authenticator(), nickname="Kept")
    response = post(browser, {} if flaw == "empty" else registration)
    assert response.status_code == status
    page = response.content.decode()
    assert message in page
    assert 'data-kind="error"' in page
    assert page.count('id="otp-passkey-') >= 1
    assert "Kept" in page
    assert set(Passkey.objects.values_list("nickname", flat=True)) == {"Kept"}


def test_sends_a_visitor_to_sign_in(browser: Client, authenticator: Authenticator) -> None:
    """Who is signed out meanwhile signs in and comes back to the panel (S1.12)."""
    registration = authenticator.create(ask(browser, "register-options"))
    browser.logout()
    response = post(browser, registration)
    assert response.status_code == 302
    assert response.headers["Location"] == "/passkeys/sign-in/?next=/passkeys/"
    assert not Passkey.objects.exists()
