"""A site that reads from a replica which lags: what decides something is read from where writes go."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from otp_passkeys import challenges
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator, register, sign_in
from otp_passkeys.usable import usable_passkeys

from ..helpers.databases import ALIAS, REPLICA, accounts_elsewhere, replica_as_of_now
from ..helpers.reauthentication import keep, recovery_codes, totp_of, ways
from ..helpers.remembered import names, post_password
from ..helpers.steps import ask, copy, outcome, post

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def primary(
    django_db_blocker: Any, django_db_setup: None, settings: Any, tmp_path: Path
) -> Iterator[None]:
    """Make a database for the accounts; until the replica is made it is the only one."""
    with django_db_blocker.unblock(), accounts_elsewhere(tmp_path):
        settings.DATABASE_ROUTERS = ["tests.sites.test_routing.Accounts"]
        yield


@pytest.fixture
def lag(settings: Any, tmp_path: Path) -> Iterator[Any]:
    """Return a function after which reads go to a replica that learns nothing any more."""
    replicas: list[AbstractContextManager[None]] = []

    def begin() -> None:
        replicas.append(replica_as_of_now(tmp_path))
        replicas[0].__enter__()
        settings.DATABASE_ROUTERS = ["tests.helpers.databases.ReadsFromReplica"]

    yield begin
    settings.DATABASE_ROUTERS = ["tests.sites.test_routing.Accounts"]
    replicas[0].__exit__(None, None, None)


@pytest.fixture
def alice(primary: None) -> User:
    """Make alice, of whom the replica knows too."""
    return User.objects.create_user("alice", "alice@example.com", PASSWORD)


@pytest.fixture
def client(alice: User) -> Client:
    """Return a browser in which she has signed in just now."""
    client = Client()
    assert post_password(client, username="alice", password=PASSWORD).status_code == 302
    return client


def test_lags(alice: User, lag: Any) -> None:
    """The fixture does what it says."""
    lag()
    User.objects.update(first_name="Alice")
    assert not User.objects.get().first_name
    assert User.objects.using(ALIAS).get().first_name
    assert User.objects.get()._state.db == REPLICA


def test_new_passkey_is_usable(client: Client, alice: User, lag: Any) -> None:
    """S2.1, S4.2: a passkey that was just added is asked for, listed and signs in."""
    lag()
    authenticator = Authenticator()
    assert register(client, authenticator).status_code == 201
    passkey = Passkey.objects.using(ALIAS).get()
    assert usable_passkeys(RequestFactory().get("/"), alice) == [passkey]
    options = ask(client, "authenticate-options")
    assert [one["id"] for one in options["allowCredentials"]] == [passkey.id_base64url]
    assert passkey.id_base64url in str(post_list(client))
    assert sign_in(Client(), authenticator).status_code == 200


def post_list(client: Client) -> Any:
    """Return the JSON list."""
    headers = {"Accept": "application/json"}
    return client.get(reverse("otp_passkeys:list"), headers=headers, secure=True).json()


@pytest.mark.parametrize("has_passkey", [True, False])
def test_new_name_is_signalled(client: Client, lag: Any, has_passkey: bool) -> None:
    """S0.9, S0.19: browsers are told the name that was just given, and the list of now."""
    ask(client, "register-options")  # makes the handle
    if has_passkey:
        assert register(client, Authenticator()).status_code == 201
    lag()
    User.objects.update(username="alicia")
    told = client.get(reverse("otp_passkeys:sync"), secure=True).json()
    assert (told["name"], told["displayName"]) == ("alicia", "alicia")
    assert len(told.get("allAcceptedCredentialIds", [])) == has_passkey


@pytest.mark.parametrize("has_passkey", [True, False])
def test_user_who_is_gone(client: Client, lag: Any, has_passkey: bool) -> None:
    """A replica that still has an account which was deleted a moment ago: nothing is told, added or broken."""
    if has_passkey:
        assert register(client, Authenticator()).status_code == 201
    lag()
    User.objects.using(ALIAS).get().delete()
    told = client.get(reverse("otp_passkeys:sync"), secure=True)
    assert (told.status_code, "name" in told.json()) == (200, False)
    assert outcome(post(client, "register-options")) in {"try_again", "reauthentication_required"}


def test_new_password_voids_what_is_remembered(client: Client, alice: User, lag: Any) -> None:
    """S4.12: nobody is greeted with a password that was changed a moment ago."""
    client.cookies.pop("sessionid")
    assert names(client) == ["alice"]
    lag()
    alice.set_password("another")
    alice.save()
    assert names(client) == []


def test_ways(client: Client, alice: User, lag: Any) -> None:
    """S4.7: an app that was just added is a way, and recovery codes that were just used up are none."""
    device = recovery_codes(alice, "abc")
    lag()
    assert "Use a recovery code" in ways(client)
    totp_of(alice)
    device.token_set.all().delete()
    assert client.get(reverse("otp_passkeys:reauthenticate") + "?way=choose").status_code == 200
    labels = ways(client)
    assert "Use a code from my phone" in labels
    assert "Use a recovery code" not in labels


def test_stolen_passkey_that_was_deleted(client: Client, lag: Any) -> None:
    """P15: the session that it verified adds nothing any more, although the replica still has it."""
    stolen = Authenticator()
    assert register(client, stolen).status_code == 201
    thief = Client()
    assert sign_in(thief, stolen).status_code == 200
    assert copy(thief).get("/").wsgi_request.user.otp_device.pk
    lag()
    Passkey.objects.all().delete()
    assert thief.get("/").wsgi_request.user.otp_device is not None  # says django-otp
    assert outcome(register(thief, Authenticator())) == "reauthentication_required"
    page = thief.get(reverse("otp_passkeys:sign-out-elsewhere"))
    assert page.headers["Location"].startswith(reverse("otp_passkeys:reauthenticate"))


def test_code_of_an_app_that_was_deleted(client: Client, alice: User, lag: Any) -> None:
    """P15, P6: a session is verified by a device that is there; a second one goes on demanding to be used."""
    app, other = totp_of(alice), totp_of(alice, name="tablet")
    keep(client, **{DEVICE_ID_SESSION_KEY: app.persistent_id})
    lag()
    assert post(client, "register-options").status_code == 200
    app.delete()
    assert other.pk
    assert outcome(post(client, "register-options")) == "reauthentication_required"


def test_command(client: Client, lag: Any) -> None:
    """S2.7: support finds an account by its name of now, and reads what it may do now."""
    assert register(client, Authenticator()).status_code == 201
    lag()
    User.objects.update(username="alicia", is_active=False)
    out = StringIO()
    call_command("passkeys", "alicia", stdout=out)
    assert "The account is inactive" in out.getvalue()
    assert "alicia: 1 passkey." in out.getvalue()


def test_command_deletes(client: Client, lag: Any) -> None:
    """What is said of a passkey that was just added goes by the handle that was just made."""
    lag()
    assert register(client, Authenticator()).status_code == 201
    out = StringIO()
    call_command("passkeys", "alice", delete=Passkey.objects.using(ALIAS).get().pk, stdout=out)
    assert "The user's browser is asked to remove it" in out.getvalue()


@pytest.mark.parametrize("limit", [None, 100])
def test_purge(alice: User, lag: Any, limit: int | None) -> None:
    """T20: what is to be removed is looked for where it is removed."""
    lag()
    SpentChallenge.objects.create(digest=uuid4(), expires_at=timezone.now())
    assert challenges.purge(limit=limit) == 1
    assert not SpentChallenge.objects.using(ALIAS).exists()
