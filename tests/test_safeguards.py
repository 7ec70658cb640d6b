"""The last way in: what counts as one, and that nobody deletes it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.exceptions import LastWayIn, PasskeyError
from otp_passkeys.models import Passkey
from otp_passkeys.safeguards import other_ways_in, require_another_way_in
from otp_passkeys.testing import Authenticator, register, sign_in

from .helpers_rows import stored_passkey

ASKED: list[User] = []


def by_letter(user: User) -> list[str]:
    """Name a way in that only the site knows of."""
    ASKED.append(user)
    return ["letter"]


def no_way(user: User) -> list[str]:
    """Know of no other way in."""
    return []


@pytest.fixture
def carol(alice: User) -> User:
    """Return alice without a password."""
    alice.set_unusable_password()
    alice.save()
    return alice


def test_nothing_remains(carol: User, eve: User) -> None:
    """P8: without password the only passkey is the last way in; another user's does not count."""
    passkey = stored_passkey(carol)
    stored_passkey(eve)
    assert other_ways_in(carol, passkey) == []
    with pytest.raises(LastWayIn):
        require_another_way_in(carol, passkey)


def test_password_remains(alice: User) -> None:
    """P8: a usable password is a way in."""
    passkey = stored_passkey(alice)
    assert other_ways_in(alice, passkey) == ["password"]
    require_another_way_in(alice, passkey)


def test_passkey_remains(carol: User) -> None:
    """P8: so is another passkey, if it may be used."""
    passkey, other = stored_passkey(carol), stored_passkey(carol)
    assert other_ways_in(carol, passkey) == ["passkey"]
    Passkey.objects.filter(pk=other.pk).update(confirmed=False)
    assert other_ways_in(carol, passkey) == []


@pytest.mark.parametrize("hook", [by_letter, f"{__name__}.by_letter"])
def test_hook(carol: User, settings: Any, hook: object) -> None:
    """P8: the site names ways in that the app cannot see, and is told whose."""
    settings.OTP_PASSKEYS_OTHER_WAYS_IN = hook
    ASKED.clear()
    assert other_ways_in(carol, stored_passkey(carol)) == ["letter"]
    assert carol in ASKED
    assert len(ASKED) == 1


def test_hook_adds_only(alice: User, settings: Any) -> None:
    """P8: a hook that names nothing takes nothing away."""
    settings.OTP_PASSKEYS_OTHER_WAYS_IN = no_way
    passkey = stored_passkey(alice)
    stored_passkey(alice)
    assert other_ways_in(alice, passkey) == ["password", "passkey"]


@pytest.mark.parametrize("content_type", ["application/json", MULTIPART_CONTENT])
def test_refusal_keeps_the_passkey(
    carol: User, authenticator: Authenticator, content_type: str
) -> None:
    """P8: the refused deletion says what to do first, and the passkey still signs in."""
    client = Client()
    client.force_login(carol, "django.contrib.auth.backends.ModelBackend")
    assert register(client, authenticator).status_code == 201
    url = reverse("otp_passkeys:delete", args=[Passkey.objects.get().pk])
    answer = client.post(url, {}, content_type=content_type)
    assert answer.status_code == 409
    if content_type == "application/json":
        assert answer.json()["code"] == "last_way_in"
    assert "Add another passkey or set a password" in answer.content.decode()
    assert sign_in(Client(), authenticator).status_code == 200


@pytest.mark.server_database
@pytest.mark.django_db(transaction=True)
def test_two_deletions_at_once(carol: User) -> None:
    """P8: of the last two passkeys, deleted at once, one remains."""
    for _ in range(5):
        pks = [stored_passkey(carol).pk, stored_passkey(carol).pk]
        Passkey.objects.exclude(pk__in=pks).delete()
        start = threading.Barrier(2)
        refused: list[type[PasskeyError]] = []

        def delete(
            pk: int, start: threading.Barrier = start, refused: list[type[PasskeyError]] = refused
        ) -> None:
            try:
                start.wait()
                actions.delete(user=carol, pk=pk)
            except PasskeyError as error:
                refused.append(type(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=delete, args=[pk]) for pk in pks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == [LastWayIn]
        assert Passkey.objects.count() == 1
