"""Challenges while a site rotates its SECRET_KEY."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, outcome


def rotate(settings: Any, *, fallback: bool) -> None:
    """Put a new key in place, with or without the old one behind others as a fallback."""
    settings.SECRET_KEY_FALLBACKS = ["older still", settings.SECRET_KEY] if fallback else []
    settings.SECRET_KEY = "the new key"


def test_registration(authenticator: Authenticator, settings: Any, browser: Client) -> None:
    """A registration begun before a rotation is finished after it."""
    made = authenticator.create(ask(browser, "register-options"))
    rotate(settings, fallback=True)
    assert outcome(answer(browser, "register", made)) == "201"


@pytest.mark.parametrize(("fallback", "expected"), [(True, "200"), (False, "challenge_invalid")])
def test_sign_in(
    client: Client,
    authenticator: Authenticator,
    settings: Any,
    fallback: bool,
    expected: str,
    browser: Client,
) -> None:
    """T5: an old key counts while it is a fallback, and not a moment longer."""
    enrol(browser, authenticator)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    rotate(settings, fallback=fallback)
    assert outcome(answer(client, "authenticate", assertion)) == expected
    assert is_signed_in(client) == fallback


def test_new_challenges_have_the_new_key(
    client: Client, authenticator: Authenticator, settings: Any, browser: Client
) -> None:
    """T5: whoever stole the old key cannot wait for it to be of use again."""
    enrol(browser, authenticator)
    rotate(settings, fallback=True)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    settings.SECRET_KEY_FALLBACKS = []
    assert outcome(answer(client, "authenticate", assertion)) == "200"


@pytest.mark.parametrize(
    ("owner", "expected"), [("alice", "200"), ("bob", "credential_user_mismatch")]
)
def test_confirmation(
    alice: User, bob: User, signed_in: SignedIn, settings: Any, owner: str, expected: str
) -> None:
    """T22: the account that may confirm is recognised by the key that the challenge was made with."""
    authenticator = Authenticator()
    enrol(signed_in({"alice": alice, "bob": bob}[owner]), authenticator)
    client = signed_in(alice)
    options = ask(client, "authenticate-options")
    assertion = authenticator.get(options, force=True, credential=authenticator.credentials[0])
    rotate(settings, fallback=True)
    assert outcome(answer(client, "authenticate", assertion)) == expected
    assert ("otp_device_id" in client.session) == (expected == "200")
