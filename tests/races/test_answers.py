"""One challenge, many answers at once: exactly one is heard."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, answer, ask, enrol, outcome
from .racing import AT_ONCE, LATE, ROUNDS, Credential, Race, inside, sign_in_at_once

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    """Use a session engine."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    return request.param


@pytest.mark.usefixtures("passkey", "atomic_requests")
def test_sign_in(authenticator: Authenticator, race: Race) -> None:
    """T2: of twelve requests that bring one answer at once, exactly one signs in."""
    sign_in_at_once(race, authenticator)
    assert SpentChallenge.objects.count() == ROUNDS


@pytest.mark.parametrize("engine", ["cache", "cached_db", "file", "signed_cookies"], indirect=True)
@pytest.mark.usefixtures("passkey")
def test_sign_in_with_other_sessions(engine: str, authenticator: Authenticator, race: Race) -> None:
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


@pytest.mark.usefixtures("passkey", "atomic_requests")
def test_good_and_bad_answers(authenticator: Authenticator, race: Race) -> None:
    """T6: of a good answer and nine bad ones to one challenge at once, one is judged, whichever it is."""
    client = Client()
    for number in range(ROUNDS):
        client.cookies.clear()
        options = ask(client, "authenticate-options")
        good = authenticator.get(options)
        bad = authenticator.get(options, origin="https://evil.example")
        browsers = race.copies(client)[:10]
        heard = Counter(race.answers(browsers, "authenticate", good_one_among(bad, good, number)))
        signed_in = heard.pop("200", 0)
        assert signed_in == inside(browsers)
        assert signed_in + heard.pop("verification_failed", 0) == 1
        assert set(heard) <= LATE
        assert outcome(answer(client, "authenticate", good)) == "challenge_spent"


def test_good_and_bad_registrations(
    authenticator: Authenticator, race: Race, atomic_requests: None, browser: Client
) -> None:
    """T6: nor is a second registration judged, after one whose credential ID is taken."""
    enrol(browser, authenticator)
    taken = authenticator.credentials[0].id
    for number in range(ROUNDS):
        options = ask(browser, "register-options")
        good = Authenticator().create(options, force=True)
        bad = Authenticator().create(options, force=True, credential_id=taken)
        browsers = race.copies(browser)[:10]
        heard = Counter(race.answers(browsers, "register", good_one_among(bad, good, number)))
        added = heard.pop("201", 0)
        assert added == Passkey.objects.count() - 1
        assert added + heard.pop("credential_already_registered", 0) == 1
        assert set(heard) <= LATE
        assert outcome(answer(browser, "register", good)) == "challenge_spent"
        Passkey.objects.exclude(credential_id=taken).delete()  # or the options grow


def good_one_among(bad: Credential, good: Credential, number: int) -> list[Credential]:
    """Return ten answers, the good one at a place that is another in each round."""
    answers = [bad] * 9
    answers.insert(number % 10, good)
    return answers
