"""Registrations at once: one challenge makes one passkey, one credential one row, one user one handle."""

from collections import Counter
from functools import partial

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, ask
from .racing import AT_ONCE, GIVES_WAY, LATE, ROUNDS, Race

pytestmark = [pytest.mark.server_database, pytest.mark.django_db(transaction=True)]


def register_at_once(race: Race, alice: User, signed_in: SignedIn, *, authenticators: int) -> None:
    """Answer one challenge from twelve browsers, in each round."""
    client = signed_in(alice)
    for number in range(1, ROUNDS + 1):
        options = ask(client, "register-options")
        made = [Authenticator().create(options) for _ in range(authenticators)]
        made *= AT_ONCE // authenticators
        heard = Counter(race.answers(race.copies(client), "register", made))
        assert heard.pop("201") == 1
        assert set(heard) <= LATE
        assert Passkey.objects.count() == 1
        assert SpentChallenge.objects.count() == number
        Passkey.objects.all().delete()  # or the options grow with each round


@pytest.mark.usefixtures("atomic_requests")
def test_different_registrations(alice: User, signed_in: SignedIn, race: Race) -> None:
    """T2: one challenge makes one passkey, though twelve authenticators answer it at once."""
    register_at_once(race, alice, signed_in, authenticators=AT_ONCE)


def test_same_registration(alice: User, signed_in: SignedIn, race: Race) -> None:
    """S3.7: one registration that a browser posts twelve times at once makes one row."""
    register_at_once(race, alice, signed_in, authenticators=1)


def test_one_credential_under_many_challenges(
    alice: User, bob: User, signed_in: SignedIn, race: Race
) -> None:
    """T9, S3.6: a credential that alice and bob register at once is one row, of one of them."""
    browsers = [signed_in(user) for user in (alice, bob) for _ in range(AT_ONCE // 2)]
    for number in range(ROUNDS):
        made = [
            Authenticator().create(
                ask(browser, "register-options"),
                credential_id=number.to_bytes(2, "big") * 16,
                force=True,
            )
            for browser in browsers
        ]
        heard = Counter(race.answers(browsers, "register", made))
        assert heard.pop("201") == 1
        assert set(heard) <= {"credential_already_registered"} | GIVES_WAY
        assert Passkey.objects.count() == 1
        Passkey.objects.all().delete()


def test_first_handle(alice: User, signed_in: SignedIn, race: Race) -> None:
    """Y7: twelve tabs that begin a user's first registration at once get the same handle."""
    browsers = race.copies(signed_in(alice))
    for _ in range(ROUNDS):
        UserHandle.objects.all().delete()
        options = race.at_once([partial(ask, browser, "register-options") for browser in browsers])
        assert len({each["user"]["id"] for each in options}) == 1
        assert UserHandle.objects.count() == 1
        race.heard["200"] += len(options)
