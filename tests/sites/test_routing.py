"""A site whose default database is not the one with the accounts: its router is asked every time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otp_passkeys import challenges
from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.safeguards import other_ways_in
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.databases import ALIAS, accounts_elsewhere
from ..helpers.faults import delete
from ..helpers.steps import answer, ask, outcome


class Accounts:
    """Sends every model to the other database, and knows no statement without a model."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        assert issubclass(model, Model)
        return ALIAS

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return Accounts.db_for_read(self, model)


class NoReplica(Accounts):
    """Reads from a database that is not there: what must not be old is asked of the other."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return "default"


@pytest.fixture(autouse=True)
def accounts(
    django_db_blocker: Any, django_db_setup: None, settings: Any, tmp_path: Path
) -> Iterator[None]:
    """Make a database for the accounts, and none where the default is."""
    with django_db_blocker.unblock(), accounts_elsewhere(tmp_path):
        settings.DATABASE_ROUTERS = [f"{__name__}.Accounts"]
        yield


@pytest.fixture
def user() -> User:
    """Return somebody of the other database."""
    return User.objects.create_user("alice", "alice@example.com", "correct horse")


@pytest.fixture
def client(user: User) -> Client:
    """Return a browser in which they have signed in just now."""
    browser = Client()
    browser.force_login(user)
    return browser


def test_default_is_no_database() -> None:
    """What forgets to ask fails: the fixture does what it says."""
    with pytest.raises(ImproperlyConfigured):
        User.objects.using("default").exists()


def test_life_of_a_passkey(
    client: Client, user: User, authenticator: Authenticator, mailoutbox: list[Any]
) -> None:
    """It is added, used, renamed and deleted there, and each is told when that is committed."""
    assert register(client, authenticator).status_code == 201
    assert len(mailoutbox) == 1
    passkey = Passkey.objects.get()
    assert passkey.user == user
    assert sign_in(Client(), authenticator).status_code == 200
    assert Passkey.objects.get().last_used_at
    address = reverse("otp_passkeys:rename", args=[passkey.pk])
    body = {"nickname": "of the other database"}
    assert client.post(address, body, content_type="application/json").status_code == 200
    passkey.refresh_from_db()
    assert passkey.nickname == "of the other database"
    assert delete(client, passkey) == "204"
    assert len(mailoutbox) == len(UserHandle.objects.get().mailed_at.split()) == 2
    assert UserHandle.objects.get().emptied_at


def test_challenges_are_spent(client: Client, authenticator: Authenticator) -> None:
    """A bad answer spends its challenge there too, and what is old is purged there."""
    register(client, authenticator)
    options = ask(client, "authenticate-options")
    bad = authenticator.get(options, origin="https://evil.example")
    assert outcome(answer(client, "authenticate", bad)) == "verification_failed"
    good = authenticator.get(options)
    assert outcome(answer(client, "authenticate", good)) == "challenge_spent"
    spent = SpentChallenge.objects.count()
    SpentChallenge.objects.create(digest=uuid4(), expires_at=timezone.now())
    assert challenges.purge() == 1
    assert SpentChallenge.objects.count() == spent


def test_spending_purges(client: Client, authenticator: Authenticator, purge_always: None) -> None:
    """What is purged along with one answer in 64 is purged there, after the commit."""
    register(client, authenticator)
    old = SpentChallenge.objects.create(digest=uuid4(), expires_at=timezone.now())
    options = ask(client, "authenticate-options")
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
    assert not SpentChallenge.objects.filter(pk=old.pk).exists()


def test_proof_is_used_up(client: Client, settings: Any) -> None:
    """One proof opens a view once, which is an insert there."""
    settings.ROOT_URLCONF = "tests.reauthentication.urls"
    assert [client.post("/once/").status_code for _ in range(2)] == [200, 302]


def test_sync(client: Client, authenticator: Authenticator) -> None:
    """The browser hears what that database holds, down to the last passkey."""

    def accepted() -> list[str]:
        headers = {"Sec-Fetch-Site": "same-origin"}
        response = client.get(reverse("otp_passkeys:sync"), headers=headers, secure=True)
        ids: list[str] = response.json()["allAcceptedCredentialIds"]
        return ids

    register(client, authenticator)
    passkey = Passkey.objects.get()
    assert accepted() == [passkey.id_base64url]
    assert delete(client, passkey) == "204"
    assert accepted() == []


def test_last_passkey_is_counted_where_it_is_deleted(
    client: Client, user: User, settings: Any
) -> None:
    """What a replica says is too old to decide whether another way in remains."""
    for _ in range(2):
        assert register(client, Authenticator()).status_code == 201
    passkey, other = Passkey.objects.order_by("pk")
    user.set_unusable_password()
    settings.DATABASE_ROUTERS = [f"{__name__}.NoReplica"]
    assert other_ways_in(user, passkey) == ["passkey"]
    other.delete()
    assert other_ways_in(user, passkey) == []
