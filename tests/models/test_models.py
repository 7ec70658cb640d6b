"""What is stored: credential IDs and their keys, one handle for each user, marks of emptiness."""

import datetime
import hashlib
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from otp_passkeys.encoding import short_key
from otp_passkeys.models import (
    ImportedCredential,
    ImportedHandle,
    Passkey,
    SpentChallenge,
    UserHandle,
)
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn


@pytest.mark.parametrize("value", [b"", b"\x00", b"id", b"x" * 1023])
def test_short_key(value: bytes) -> None:
    """The key is what DESIGN.md says, of a shape that every database's UUID type takes."""
    key = short_key(value)
    assert key == uuid.UUID(bytes=hashlib.sha256(value).digest()[:16], version=4)
    assert (key.version, key.variant) == (4, uuid.RFC_4122)


def test_key_follows_the_id(alice: User) -> None:
    """S3.6: a row is found by the ID that it has now, also after it was saved anew."""
    passkey = stored_passkey(alice, credential_id=b"one")
    assert passkey.credential_key == short_key(b"one")
    passkey.credential_id = b"two"
    passkey.save()
    assert Passkey.objects.with_credential_id(b"one") is None
    assert Passkey.objects.with_credential_id(b"two") == passkey


def test_full_id_is_compared(alice: User) -> None:
    """S3.6, T9: a row under the same key with another ID is not the passkey that was asked for."""
    stored_passkey(alice, credential_id=b"stored")
    Passkey.objects.update(credential_key=short_key(b"asked"))
    assert Passkey.objects.get(credential_key=short_key(b"asked"))
    assert Passkey.objects.with_credential_id(b"asked") is None


def test_owner_is_joined(alice: User, count: Callable[..., Any]) -> None:
    """Costs: one query finds a passkey, its user and the user's handle."""
    stored_passkey(alice, credential_id=b"id")
    with count(statements=1):
        passkey = Passkey.objects.with_credential_id(b"id")
        assert passkey is not None
        assert passkey.user.username == "alice"
        assert len(passkey.user.passkey_handle.handle) == 64


def test_joined_rows_know_their_owner(alice: User, count: Callable[..., Any]) -> None:
    """What is read beside the rows of a user needs no further query to say whose they are."""
    stored_passkey(alice)
    handle, passkeys = UserHandle.with_passkeys(alice, of_passkeys=["rp_id"])
    assert handle is not None
    with count(statements=0):
        rows: list[Any] = [handle, *passkeys]
        for row in rows:
            assert (row.user_id, row.user) == (alice.pk, alice)
        assert [one.account_handle for one in passkeys] == [handle]


def test_without_handle(alice: User) -> None:
    """S2.3: a row whose owner has no handle is found as well, or it would count as unknown."""
    stored_passkey(alice, credential_id=b"id")
    UserHandle.objects.all().delete()
    assert Passkey.objects.with_credential_id(b"id") is not None


def test_id_is_unique_over_all_users(alice: User, eve: User) -> None:
    """S3.6, T9: the database itself refuses an ID that anyone has."""
    stored_passkey(alice, credential_id=b"id")
    with pytest.raises(IntegrityError), transaction.atomic():
        stored_passkey(eve, credential_id=b"id")
    assert Passkey.objects.get().user == alice


def test_longest_values(alice: User) -> None:
    """T14: the longest ID, a long key and the largest count fit on every database."""
    stored_passkey(
        alice,
        credential_id=b"i" * 1023,
        public_key=b"k" * 4096,
        sign_count=2**32 - 1,
        rp_id="a" * 253,
    )
    passkey = Passkey.objects.with_credential_id(b"i" * 1023)
    assert passkey is not None
    passkey.full_clean(exclude=["rp_id"])
    assert (bytes(passkey.public_key), passkey.sign_count) == (b"k" * 4096, 2**32 - 1)


@pytest.mark.parametrize("fields", [{}, {"backup_state": True, "backup_eligible": True}])
def test_synced(alice: User, fields: dict[str, Any]) -> None:
    """S1.17: a passkey counts as synced when its provider says that there is a copy."""
    assert stored_passkey(alice, **fields).synced is bool(fields)


def test_is_a_device(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """A passkey is a device of django-otp, and its owner is verified by it."""
    assert register(signed_in(alice), authenticator).status_code == 201
    client = Client()
    sign_in(client, authenticator)
    passkey = Passkey.objects.get()
    assert Passkey.from_persistent_id(passkey.persistent_id) == passkey
    (shown,) = client.get(
        reverse("otp_passkeys:list"), headers={"Accept": "application/json"}
    ).json()["passkeys"]
    assert shown["current"] is True


def test_handle_is_random(alice: User, bob: User) -> None:
    """Y7: the handle is 64 random bytes, and nobody else's."""
    handles = [bytes(UserHandle.of(user).handle) for user in (alice, bob)]
    assert [len(handle) for handle in handles] == [64, 64]
    assert handles[0] != handles[1]
    assert all(len(set(handle)) > 32 for handle in handles)


def test_handle_is_one_for_ever(
    alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """Y7: whatever happens to user and passkeys, the handle stays."""
    client = signed_in(alice)
    register(client, authenticator)
    first = authenticator.credentials[0].user_handle
    User.objects.filter(pk=alice.pk).update(username="alison", email="", password="!")
    Passkey.objects.all().delete()
    assert UserHandle.of(alice).handle == first
    register(signed_in(User.objects.get(pk=alice.pk)), Authenticator())
    assert bytes(UserHandle.objects.get().handle) == first


@pytest.mark.server_database
@pytest.mark.django_db(transaction=True)
def test_first_handle_at_once(alice: User) -> None:
    """Y7: two first registrations that begin at once are given the same handle."""
    for _ in range(5):
        UserHandle.objects.all().delete()
        start = threading.Barrier(4)
        handles: list[bytes] = []

        def begin(start: threading.Barrier = start, handles: list[bytes] = handles) -> None:
            start.wait()
            handles.append(bytes(UserHandle.of(alice).handle))
            connection.close()

        threads = [threading.Thread(target=begin) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(handles) == 4
        assert len(set(handles)) == 1


def test_rival_first_handle(alice: User) -> None:
    """Y7: a handle that another worker makes between look-up and insert is the one."""
    rival = bytes(range(64))
    made: list[UserHandle] = []

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        # The look-up has found nothing, and the insert is about to begin.
        if sql.startswith("SAVEPOINT") and not made:
            made.append(UserHandle.objects.create(user=alice, handle=rival))
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        assert bytes(UserHandle.of(alice).handle) == rival
    assert made


@pytest.mark.django_db(transaction=True)
def test_handle_of_a_user_who_is_gone(alice: User) -> None:
    """The database says so, and no handle is made."""
    pk = alice.pk
    alice.delete()
    alice.pk = pk
    with pytest.raises(IntegrityError):
        UserHandle.of(alice)
    assert not UserHandle.objects.exists()


def test_emptied(alice: User) -> None:
    """S0.24: the mark is set by the deletion of the last row, and by no other."""
    first, last = stored_passkey(alice), stored_passkey(alice)
    first.delete()
    assert UserHandle.objects.get().emptied_at is None
    before = timezone.now()
    last.delete()
    emptied_at = UserHandle.objects.get().emptied_at
    assert emptied_at is not None
    assert before - datetime.timedelta(seconds=1) <= emptied_at <= timezone.now()


def test_deletion_rolled_back(alice: User) -> None:
    """S0.24: a deletion that was rolled back leaves no mark."""
    passkey = stored_passkey(alice)
    with transaction.atomic():
        passkey.delete()
        transaction.set_rollback(True)
    assert UserHandle.objects.get().emptied_at is None


def test_texts(alice: User) -> None:
    """The admin and shells show rows by something that says which, and nothing secret."""
    assert str(UserHandle.of(alice)) == str(alice.pk)
    digest = short_key(b"x")
    assert str(SpentChallenge(digest=digest, expires_at=timezone.now())) == str(digest)
    assert str(stored_passkey(alice, nickname="Blue")) == "Blue (alice)"
    assert str(ImportedHandle(user=alice, rp_id="testserver")) == f"{alice.pk} (testserver)"
    assert str(ImportedCredential(user=alice, credential_key=digest)) == str(digest)
