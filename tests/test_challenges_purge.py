"""The rows of spent challenges go when their time is over, and not before."""

from __future__ import annotations

import datetime
import uuid
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from otp_passkeys import challenges
from otp_passkeys.encoding import short_key
from otp_passkeys.models import SpentChallenge
from otp_passkeys.testing import Authenticator

from .helpers_steps import SignedIn, answer, ask_until, enrol, outcome, value

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


@pytest.mark.parametrize(("purges", "left"), [(True, 20), (False, 120)])
def test_sign_in_purges_now_and_then(
    alice: User,
    client: Client,
    signed_in: SignedIn,
    authenticator: Authenticator,
    purges: bool,
    left: int,
) -> None:
    """One spend in 64 removes a hundred rows; the others pay nothing."""
    enrol(signed_in(alice), authenticator)
    SpentChallenge.objects.all().delete()
    over, lasting = spent(120, seconds=-1), spent(1, seconds=60)
    options = ask_until(client, "authenticate-options", purges=purges)
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
    assert stored() >= {*lasting, short_key(value(options))}
    assert len(stored() & set(over)) == left


def test_refusal_purges_too(client: Client, alice: User, signed_in: SignedIn) -> None:
    """A site that only sees refusals does not grow either."""
    authenticator = Authenticator()
    enrol(signed_in(alice), authenticator)
    over = spent(2, seconds=-1)
    options = ask_until(client, "authenticate-options", purges=True)
    assertion = authenticator.get(options, origin="https://evil.example")
    assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"
    assert not stored() & set(over)
    assert short_key(value(options)) in stored()


def test_purge_that_fails_harms_nobody(
    alice: User,
    client: Client,
    signed_in: SignedIn,
    authenticator: Authenticator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The user is signed in already when the purge runs: its failure is logged, not answered."""

    def deadlock(**_: Any) -> int:
        raise DatabaseError("deadlock")

    enrol(signed_in(alice), authenticator)
    options = ask_until(client, "authenticate-options", purges=True)
    monkeypatch.setattr(challenges, "purge", deadlock)
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
