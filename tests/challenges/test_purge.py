"""The rows of spent challenges go when their time is over, and not before."""

import datetime
import secrets
import time
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from otp_passkeys import challenges
from otp_passkeys.encoding import short_key
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator

from ..helpers.steps import answer, ask, outcome, value

PURGE_EVERY = challenges.PURGE_EVERY  # before the tests' own

pytestmark = pytest.mark.django_db(transaction=True)


def spent(number: int, *, seconds: int) -> list[uuid.UUID]:
    """Store spent challenges that end so many seconds from now."""
    ends = timezone.now() + datetime.timedelta(seconds=seconds)
    rows = [SpentChallenge(digest=uuid.uuid4(), expires_at=ends) for _ in range(number)]
    return [row.pk for row in SpentChallenge.objects.bulk_create(rows)]


def stored() -> set[uuid.UUID]:
    """Return the digests in the table."""
    return set(SpentChallenge.objects.values_list("pk", flat=True))


def test_only_what_is_over_goes() -> None:
    """T1: a row that goes too soon would let a replay in."""
    spent(3, seconds=-1)
    lasting = spent(2, seconds=60)
    assert challenges.purge() == 3
    assert stored() == set(lasting)
    assert challenges.purge() == 0


def test_limit() -> None:
    """A purge in a request takes no longer than so many rows do, however many there are."""
    spent(5, seconds=-1)
    lasting = spent(5, seconds=60)
    assert challenges.purge(limit=3) == 3
    assert stored() > set(lasting)
    assert challenges.purge(limit=3) == 2
    assert stored() == set(lasting)


def test_command() -> None:
    """The command purges all and says how many went."""
    spent(150, seconds=-1)
    lasting = spent(1, seconds=60)
    call_command("purge_spent_challenges", stdout=(printed := StringIO()))
    assert printed.getvalue() == "Removed 150 spent challenges.\n"
    assert stored() == set(lasting)


@pytest.mark.usefixtures("passkey", "purge_always")
def test_sign_in_purges(client: Client, authenticator: Authenticator) -> None:
    """A sign-in whose turn it is removes a hundred rows, and no more."""
    over, lasting = spent(120, seconds=-1), spent(1, seconds=60)
    options = ask(client, "authenticate-options")
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
    assert stored() >= {*lasting, short_key(value(options))}
    assert len(stored() & set(over)) == 20


def test_purges_now_and_then(passkey: Passkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the spendings purges: here it is half of them, and all 64 alike once in 2**63."""
    assert PURGE_EVERY == 64
    monkeypatch.setattr(challenges, "PURGE_EVERY", 2)
    purged = 0
    for _ in range(64):
        over = spent(1, seconds=-1)
        with transaction.atomic():
            challenges.spend_once(secrets.token_bytes(16), expires=time.time())
        purged += not stored() & set(over)
    assert 0 < purged < 64


@pytest.mark.usefixtures("passkey")
def test_no_client_chooses_who_purges(client: Client, authenticator: Authenticator) -> None:
    """T20: the digest of a challenge, which anybody can ask for until it suits them, decides nothing."""
    over = spent(1, seconds=-1)
    options = ask(client, "authenticate-options")
    while short_key(value(options)).int % PURGE_EVERY:
        options = ask(client, "authenticate-options")
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
    assert stored() >= set(over)


@pytest.mark.usefixtures("passkey", "purge_always")
def test_refusal_purges_too(client: Client, authenticator: Authenticator) -> None:
    """A site that only sees refusals does not grow either."""
    over = spent(2, seconds=-1)
    options = ask(client, "authenticate-options")
    assertion = authenticator.get(options, origin="https://evil.example")
    assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"
    assert not stored() & set(over)
    assert short_key(value(options)) in stored()


def test_purge_that_fails_harms_nobody(
    client: Client,
    passkey: Passkey,
    authenticator: Authenticator,
    purge_always: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The user is signed in already when the purge runs: its failure is logged, not answered."""

    def deadlock(**_: Any) -> int:
        raise DatabaseError("deadlock")

    options = ask(client, "authenticate-options")
    monkeypatch.setattr(challenges, "purge", deadlock)
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
