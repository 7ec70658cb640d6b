"""One challenge, many answers at once: exactly one is heard."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator

from ..helpers_steps import SignedIn, answer, ask, enrol, outcome
from .racing import AT_ONCE, LATE, ROUNDS, Race, inside, sign_in_at_once

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    """Use a session engine."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    return request.param


def test_sign_in(
    passkey: Passkey, authenticator: Authenticator, race: Race, atomic_requests: None
) -> None:
    """T2: of twelve requests that bring one answer at once, exactly one signs in."""
    sign_in_at_once(race, authenticator)
    assert SpentChallenge.objects.count() == ROUNDS


@pytest.mark.parametrize("engine", ["cache", "cached_db", "file", "signed_cookies"], indirect=True)
def test_sign_in_with_other_sessions(
    engine: str, passkey: Passkey, authenticator: Authenticator, race: Race
) -> None:
    """T2, T3: also where the session knows no transaction."""
    sign_in_at_once(race, authenticator)


def test_confirmation(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, race: Race
) -> None:
    """T2: nor is a session confirmed by one answer twice."""
    enrol(signed_in(alice), authenticator)
    for _ in range(ROUNDS):
        client = signed_in(alice)
        assertion = authenticator.get(ask(client, "authenticate-options"))
        heard = Counter(race.answers(race.copies(client), "authenticate", [assertion] * AT_ONCE))
        assert heard.pop("200") == 1
        # The session has another key once it is confirmed: its old one is nobody's.
        assert set(heard) <= LATE | {"challenge_invalid"}


def test_good_and_bad_answers(
    passkey: Passkey, authenticator: Authenticator, race: Race, atomic_requests: None
) -> None:
    """T6: a good answer among bad ones to the same challenge signs in at most once, and it is spent."""
    client = Client()
    for _ in range(ROUNDS):
        client.cookies.clear()
        options = ask(client, "authenticate-options")
        good = authenticator.get(options)
        bad = authenticator.get(options, origin="https://evil.example")
        browsers = race.copies(client)
        heard = Counter(race.answers(browsers, "authenticate", [good, bad] * (AT_ONCE // 2)))
        assert heard.pop("200", 0) == inside(browsers) <= 1
        assert set(heard) <= LATE | {"verification_failed"}
        assert outcome(answer(client, "authenticate", good)) == "challenge_spent"
