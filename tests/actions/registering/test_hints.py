"""Where the user wants the new passkey: what a page may ask the browser to begin with."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django_otp.middleware import OTPMiddleware

from otp_passkeys import actions
from otp_passkeys.testing import Authenticator

from ...helpers.steps import SignedIn, answer, ask, outcome, post


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (["security-key"], ["security-key"]),
        (["security-key", "hybrid"], ["security-key", "hybrid"]),
        (["hybrid", "security-key"], ["hybrid", "security-key"]),
        (["client-device", "hybrid", "client-device"], ["client-device", "hybrid"]),
        (["teleport", "hybrid", "HYBRID", "", None, 7, [], {}], ["hybrid"]),
        (["hybrid" * 1000] * 100, None),
        ([], None),
        ("security-key", None),
        ({"security-key": True}, None),
        (7, None),
        (None, None),
    ],
)
def test_hints(alice: User, signed_in: SignedIn, sent: Any, expected: list[str] | None) -> None:
    """S1.1: known hints (WebAuthn L3 §5.8.7) are passed on in their order, all else is left out.

    They are no restriction: the user may still choose another place.
    """
    response = post(signed_in(alice), "register-options", {"hints": sent})
    assert response.status_code == 200
    options = response.json()
    assert options.get("hints") == expected
    assert "authenticatorAttachment" not in options["authenticatorSelection"]


def test_without_a_body(alice: User, signed_in: SignedIn) -> None:
    """S1.1: nobody must say where."""
    assert "hints" not in ask(signed_in(alice), "register-options")


def test_changes_nothing_else(browser: Client) -> None:
    """S3.1, S3.2: with hints the options are what they are without, but for the challenge."""
    plain = ask(browser, "register-options")
    hinted = post(browser, "register-options", {"hints": ["hybrid"]}).json()
    assert hinted.pop("hints") == ["hybrid"]
    assert hinted.pop("challenge") != plain.pop("challenge")
    assert hinted == plain


def test_answer_from_elsewhere(browser: Client) -> None:
    """S1.1: who was hinted at a security key and took the phone has a passkey."""
    options = post(browser, "register-options", {"hints": ["security-key"]}).json()
    made = Authenticator().create(options, transports=["internal", "hybrid"])
    assert outcome(answer(browser, "register", made)) == "201"


def test_action(alice: User, request_of: Any) -> None:
    """S1.1: a site's own view hints as well."""
    request: HttpRequest = request_of(alice)
    OTPMiddleware(lambda request: HttpResponse())(request)
    assert actions.begin_registration(request, hints=["hybrid"])["hints"] == ["hybrid"]
    assert "hints" not in actions.begin_registration(request)
