"""An answer that was good once is not good twice, wherever the session is kept."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, answer, ask, copy, enrol, is_signed_in, outcome


@pytest.fixture(params=["db", "cache", "cached_db", "file", "signed_cookies"])
def session_engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> None:
    """Run the test with sessions wherever Django can keep them."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)


@pytest.mark.parametrize("again", ["the same", "another passkey"])
def test_registration(
    authenticator: Authenticator, atomic_requests: None, browser: Client, again: str
) -> None:
    """T1, S3.7: a registration posted twice makes one row, nor does its challenge make a second passkey."""
    options = ask(browser, "register-options")
    made = authenticator.create(options)
    assert outcome(answer(browser, "register", made)) == "201"
    second = made if again == "the same" else Authenticator().create(options)
    assert outcome(answer(browser, "register", second)) == "challenge_spent"
    assert Passkey.objects.count() == 1


def test_sign_in(
    authenticator: Authenticator, session_engine: None, atomic_requests: None, browser: Client
) -> None:
    """T1, T3: a browser that goes back to its cookies of before signs nobody in."""
    enrol(browser, authenticator)
    client = Client()
    options = ask(client, "authenticate-options")
    assertion, another = authenticator.get(options), authenticator.get(options)
    before = copy(client)
    assert outcome(answer(client, "authenticate", assertion)) == "200"
    assert is_signed_in(client)
    for late in (assertion, another):
        assert outcome(answer(copy(before), "authenticate", late)) == "challenge_spent"
    assert not is_signed_in(before)


def test_confirmation(
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    settings: Any,
    session_engine: None,
    atomic_requests: None,
) -> None:
    """T1, T3: an old session cookie brings no old challenge back."""
    enrol(signed_in(alice), authenticator)
    client = signed_in(alice, verified=False)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    before = copy(client)
    assert outcome(answer(client, "authenticate", assertion)) == "200"
    assert "otp_device_id" in client.session
    used = Passkey.objects.get().last_used_at
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_spent"
    # A session in a cookie can be brought back; elsewhere the old one is gone, and its user with it.
    in_cookie = settings.SESSION_ENGINE.endswith("signed_cookies")
    expected = "challenge_spent" if in_cookie else "challenge_invalid"
    assert outcome(answer(before, "authenticate", assertion)) == expected
    assert "otp_device_id" not in before.session
    assert Passkey.objects.get().last_used_at == used
