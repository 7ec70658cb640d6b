"""What browsers are told of imported passkeys: a list for each RP ID and handle, and none that may have a gap."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from otp_passkeys.encoding import to_base64url
from otp_passkeys.models import ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, enrol
from ..helpers.sync import fetch, synchronise
from .helpers import GUESSABLE, account_of, calls, delete, handle_of_package, imported

LIST = "allAcceptedCredentialIds"
SYNC = reverse("otp_passkeys:sync")


def test_both_are_renamed_and_neither_goes(
    new: Passkey, alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.7: there is a pair of calls for each handle, each with all IDs; nothing is deleted."""
    User.objects.filter(pk=alice.pk).update(username="alison")
    client = signed_in(User.objects.get(pk=alice.pk))
    told = calls(client)
    assert set(told) == {account_of(alice), to_base64url(GUESSABLE)}
    ids = [passkey.id_base64url for passkey in Passkey.objects.order_by("pk")]
    assert [call[LIST] for call in told.values()] == [ids, ids]
    synchronise(client, authenticator)
    assert [one.user_name for one in authenticator.credentials] == ["alison", "alison"]


@pytest.mark.parametrize("gone", ["old", "new"])
def test_one_that_is_deleted(
    old: Passkey,
    new: Passkey,
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    gone: str,
) -> None:
    """S5.7: only that one goes from the authenticator, whichever it is, also if it was the last of its handle."""
    deleted, kept = (old, new) if gone == "old" else (new, old)
    delete(deleted)
    synchronise(signed_in(alice), authenticator)
    assert [one.id for one in authenticator.credentials] == [bytes(kept.credential_id)]


def test_last_ones_that_are_deleted(
    old: Passkey, new: Passkey, alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.7: after both an empty list goes out for each handle, as both were emptied on purpose."""
    delete(old)
    delete(new)
    told = calls(signed_in(alice))
    assert [call[LIST] for call in told.values()] == [[], []]
    synchronise(signed_in(alice), authenticator)
    assert authenticator.credentials == []


def test_rows_that_vanish(old: Passkey, new: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.7, Y4: an empty list goes out for no handle of which nobody deleted the last passkey."""
    delete(new)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Passkey._meta.db_table}")
    told = calls(signed_in(alice))
    assert all(LIST not in call for call in told.values())


def test_emptied_at_belongs_to_a_handle(old: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.7: the mark is set by the last passkey of its RP ID and handle, and by no other."""
    same = stored_passkey(alice, handle=GUESSABLE)
    stored_passkey(alice, handle=b"2")
    stored_passkey(alice, handle=GUESSABLE, rp_id="old.example.com")
    stored_passkey(alice)
    delete(old)
    assert ImportedHandle.objects.get().emptied_at is None
    delete(same)
    assert ImportedHandle.objects.get().emptied_at is not None
    assert UserHandle.objects.get().emptied_at is None


def test_another_users_mark(old: Passkey, eve: User, signed_in: SignedIn) -> None:
    """S5.7: eve, who has the same handle, empties her own only."""
    passkey = stored_passkey(eve, handle=GUESSABLE)
    handle_of_package(eve)
    delete(passkey)
    marks = dict(ImportedHandle.objects.values_list("user__username", "emptied_at"))
    assert (marks["alice"], marks["eve"] is not None) == (None, True)


def test_another_users_handles(old: Passkey, alice: User, eve: User, signed_in: SignedIn) -> None:
    """S5.7, Y6: what another account has, or had, is in nobody else's calls."""
    handle_of_package(eve, b"eve", emptied_at=timezone.now())
    assert set(calls(signed_in(alice))) == {account_of(alice), to_base64url(GUESSABLE)}


def test_rp_ids(alice: User, old: Passkey, signed_in: SignedIn, settings: Any) -> None:
    """S5.7: the same handle at two RP IDs is two calls, each with the IDs of its own."""
    there = stored_passkey(alice, handle=GUESSABLE, rp_id="old.example.com")
    handle_of_package(alice, rp_id="old.example.com")
    payload = fetch(signed_in(alice))
    pairs = {(one["rpId"], one["userId"]): one[LIST] for one in [payload, *payload["former"]]}
    assert pairs == {
        ("testserver", account_of(alice)): [old.id_base64url],
        ("testserver", to_base64url(GUESSABLE)): [old.id_base64url],
        ("old.example.com", to_base64url(GUESSABLE)): [there.id_base64url],
    }


@pytest.mark.database_sessions
@pytest.mark.django_db(transaction=True)
def test_costs(
    alice: User,
    bob: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    count: Callable[..., Any],
) -> None:
    """S5.7: sync and deletion cost one statement more for users of such handles, and nothing for others."""
    imported(alice, signed_in, authenticator)
    handle_of_package(alice)
    stored_passkey(bob)
    seen = {}
    for user in (alice, bob):
        client = signed_in(user)
        with count() as synced:
            client.get(SYNC)
        passkey = Passkey.objects.get(user=user)
        with count() as deleted:
            passkey.delete()
        seen[user.username] = (len(synced.statements), len(deleted.statements))
    assert [more - less for more, less in zip(seen["alice"], seen["bob"], strict=True)] == [1, 1]


def test_goes_with_the_user(old: Passkey, new: Passkey, alice: User) -> None:
    """S5.2: nothing of an import outlives the account."""
    alice.delete()
    assert not ImportedHandle.objects.exists()


def test_registration_ends_no_emptying_of_a_package(
    old: Passkey, new: Passkey, alice: User, signed_in: SignedIn
) -> None:
    """S5.7: a new passkey is under the account's handle; that of the package stays empty."""
    delete(old)
    delete(new)
    enrol(signed_in(alice), Authenticator())
    assert UserHandle.objects.get().emptied_at is None
    assert (ImportedHandle.objects.get().emptied_at or timezone.now()) < timezone.now()
