"""Sign counts at once: none is lost, and no clone is let in (WebAuthn L3 §7.2 step 22)."""

import random

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, ask, enrol
from .racing import AT_ONCE, GIVES_WAY, ROUNDS, Credential, Race, inside

pytestmark = [
    pytest.mark.server_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("passkey"),
]


@pytest.fixture
def authenticator() -> Authenticator:
    """Make a security key: the counts of its passkeys must grow."""
    return Authenticator(backup_eligible=False)


def use(
    race: Race, authenticator: Authenticator, counters: list[int]
) -> tuple[list[Client], list[str]]:
    """Use one passkey at once under as many challenges as there are sign counts."""
    browsers, made = race.browsers[: len(counters)], list[Credential]()
    for browser, counter in zip(browsers, counters, strict=True):
        browser.cookies.clear()
        made.append(authenticator.get(ask(browser, "authenticate-options"), counter=counter))
    return browsers, race.answers(browsers, "authenticate", made)


@pytest.fixture(autouse=True)
def counted(passkey: Passkey) -> None:
    """Let the passkey have been used: one that never counted may stay at 0."""
    Passkey.objects.update(sign_count=1)


def test_clone(authenticator: Authenticator, race: Race) -> None:
    """Of many uses with one sign count, a single one is let in."""
    for counter in range(2, ROUNDS + 2):
        browsers, heard = use(race, authenticator, [counter] * AT_ONCE)
        assert heard.count("200") == inside(browsers) == 1
        assert set(heard) <= {"200", "verification_failed"} | GIVES_WAY
        assert Passkey.objects.get().sign_count == counter


def test_different_counts(authenticator: Authenticator, race: Race) -> None:
    """Of many uses with different sign counts, the greatest that was let in is the one that is stored."""
    order = random.Random(22)  # the same rounds each time
    for round_number in range(ROUNDS):
        first = 2 + round_number * AT_ONCE
        counters = order.sample(range(first, first + AT_ONCE), AT_ONCE)
        browsers, heard = use(race, authenticator, counters)
        accepted = [counter for counter, code in zip(counters, heard, strict=True) if code == "200"]
        assert len(accepted) == inside(browsers) >= 1
        assert set(heard) <= {"200", "verification_failed"} | GIVES_WAY
        assert Passkey.objects.get().sign_count == max(accepted)
        # Nothing stored is above the greatest: it is never refused as a clone.
        assert heard[counters.index(max(counters))] in {"200"} | GIVES_WAY


def test_two_uses_that_count(authenticator: Authenticator, race: Race) -> None:
    """A security key used in two browsers at once: the later use is let in, the other may be."""
    for counter in range(2, 2 * ROUNDS + 2, 2):
        _, (earlier, later) = use(race, authenticator, [counter, counter + 1])
        assert earlier in {"200", "verification_failed"}
        assert later == "200"
        assert Passkey.objects.get().sign_count == counter + 1


@pytest.mark.parametrize("at_once", [2, AT_ONCE])
def test_uses_that_do_not_count(authenticator: Authenticator, race: Race, at_once: int) -> None:
    """A passkey whose sign count is always 0 signs in in many browsers at once."""
    Passkey.objects.update(sign_count=0)
    for _ in range(ROUNDS):
        browsers, heard = use(race, authenticator, [0] * at_once)
        assert heard == ["200"] * at_once
        assert inside(browsers) == at_once


def test_synced_uses(alice: User, signed_in: SignedIn, race: Race) -> None:
    """A synced passkey signs in on many devices at once, whatever they count; the count of one of them is stored."""
    Passkey.objects.all().delete()
    synced = Authenticator()
    enrol(signed_in(alice), synced)
    order = random.Random(14)
    for _ in range(ROUNDS):
        counters = order.sample(range(1, 100), AT_ONCE)
        browsers, heard = use(race, synced, counters)
        assert set(heard) <= {"200"} | GIVES_WAY
        assert inside(browsers) == heard.count("200") >= 1
        assert Passkey.objects.get().sign_count in counters
