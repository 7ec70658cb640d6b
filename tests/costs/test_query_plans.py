"""Every statement on a large table finds its rows by an index, on every database.

`nox -s benchmarks` asks the same of a million rows, with the same expectations.
"""

from __future__ import annotations

import datetime
import os
import uuid
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from otp_passkeys import challenges
from otp_passkeys.exceptions import ChallengeSpent
from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.testing import Authenticator

from ..helpers.plans import ACCOUNT, LIST, LOOK_UP, SIGN_IN, SPENT, Plan, analyse, plan, sending
from ..helpers.rows import stored_crowd
from ..helpers.steps import SignedIn, answer, ask, enrol, outcome

pytestmark = [pytest.mark.extended, pytest.mark.each_database, pytest.mark.django_db]

ROWS = 3000


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Fill the tables once: thousands of passkeys, each of another user, and thousands of spent challenges."""
    with django_db_blocker.unblock():
        owners = User.objects.bulk_create(
            User(username=f"user {number}", password="!") for number in range(ROWS)
        )
        UserHandle.objects.bulk_create(UserHandle(user=o, handle=os.urandom(64)) for o in owners)
        stored_crowd(owners)
        spent(ROWS, minutes=60)
        spent(20, minutes=-1)
        analyse()
    yield
    with django_db_blocker.unblock():
        User.objects.all().delete()
        SpentChallenge.objects.all().delete()


@pytest.fixture
def first(crowd: None, alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give alice a passkey among thousands."""
    return enrol(signed_in(alice), authenticator)


def spent(number: int, *, minutes: int) -> None:
    """Store spent challenges that end so many minutes from now."""
    ends = timezone.now() + datetime.timedelta(minutes=minutes)
    SpentChallenge.objects.bulk_create(
        SpentChallenge(digest=uuid.uuid4(), expires_at=ends) for _ in range(number)
    )


def plans(statements: list[tuple[str, object]]) -> list[Plan]:
    """Return the plan of each statement."""
    return [plan(statement) for statement in statements]


def test_sign_in(client: Client, authenticator: Authenticator, first: Passkey) -> None:
    """Whatever a sign-in sends, the size of the tables does not matter to it."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with sending() as sent:
        assert outcome(answer(client, "authenticate", assertion)) == "200"
    assert plans(sent.statements) == SIGN_IN


def test_look_up(first: Passkey) -> None:
    """A credential ID is found by the unique index of its key, whether or not it is known."""
    with sending() as sent:
        assert Passkey.objects.with_credential_id(bytes(first.credential_id)) == first
    assert plans(sent.statements) == [LOOK_UP]


def test_list(alice: User, first: Passkey) -> None:
    """The passkeys of one user are found by the user's index, and nothing is joined."""
    with sending() as sent:
        assert Passkey.objects.for_user(alice) == [first]
    assert plans(sent.statements) == [LIST]


def test_account(alice: User, first: Passkey) -> None:
    """What a registration and a sync read of an account is found by the keys that are joined."""
    with sending() as sent:
        handle, passkeys = UserHandle.with_passkeys(alice, of_passkeys=["rp_id"])
    assert (handle.user, passkeys) == (alice, [first])
    assert plans(sent.statements) == [ACCOUNT]


def test_spend(first: Passkey) -> None:
    """T2: an insert reads no row, and what refuses the second one is the primary key's index."""
    expires = timezone.now().timestamp() + 60
    with sending() as sent:
        challenges.spend_once(b"a value", expires=expires)
    assert plans(sent.statements) == [set()]
    with pytest.raises(ChallengeSpent) as caught, transaction.atomic():
        challenges.spend_once(b"a value", expires=expires)
    # In the drivers' own words, which are nobody's promise: what they name tells this index from another.
    refused = caught.value.__cause__.__cause__
    named_by = {
        "sqlite": f"{SPENT}.digest",
        "postgresql": f'"{SPENT}_pkey"',
        "mysql": "'PRIMARY'",
    }
    assert named_by[connection.vendor] in str(refused)


def test_purge(first: Passkey) -> None:
    """What is over is found by its index, also where nothing is, and removed by it or by primary key."""
    with sending() as sent:
        assert challenges.purge(limit=3) == 3
        assert challenges.purge() == 17
        assert challenges.purge(limit=3) == 0
    by_time, by_key = {(SPENT, "expires_at")}, {(SPENT, "digest")}
    assert plans(sent.statements) == [by_time, by_key, by_time, by_time]
