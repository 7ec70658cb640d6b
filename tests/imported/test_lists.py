"""Where no list goes out for a handle: it may have a gap, or the handle may be somebody else's too."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from otp_passkeys import sync
from otp_passkeys.encoding import to_base64url
from otp_passkeys.models import ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.rows import stored_passkey, vanish
from ..helpers.steps import SignedIn, enrol
from ..helpers.sync import synchronise
from .helpers import GUESSABLE, account_of, calls, delete, handle_of_package, imported

LIST = "allAcceptedCredentialIds"
SYNC = reverse("otp_passkeys:sync")


@pytest.mark.parametrize(
    ("fields", "named", "listed"),
    [
        ({}, True, True),
        ({"complete": False}, True, False),
        ({"shared": True}, False, False),
        ({"shared": True, "complete": False}, False, False),
    ],
)
def test_what_may_be_said(
    old: Passkey,
    new: Passkey,
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    fields: dict[str, Any],
    named: bool,
    listed: bool,
) -> None:
    """S5.7, S5.8, Y17: no list for a handle that is incomplete, and nothing for one that another account may have."""
    ImportedHandle.objects.update(**fields)
    told = calls(signed_in(alice))
    assert len(told[account_of(alice)][LIST]) == 2
    assert (to_base64url(GUESSABLE) in told) is named
    assert (LIST in told.get(to_base64url(GUESSABLE), {})) is listed
    delete(old)
    synchronise(signed_in(alice), authenticator)
    assert len(authenticator.credentials) == (1 if listed else 2)


def test_handle_that_nobody_looked_at(old: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.4, Y16: one that was learnt, and of which no import says whose it is, feeds nothing."""
    ImportedHandle.objects.all().delete()
    told = calls(signed_in(alice))
    assert set(told) == {account_of(alice)}
    assert told[account_of(alice)][LIST] == [old.id_base64url]


def test_unknown_handle(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """S5.4, Y16: nothing is said for candidates; the passkey is in the account's list, and the learnt one's."""
    passkey = imported(alice, signed_in, authenticator, candidates=[b"a", GUESSABLE])
    for candidate in (b"a", GUESSABLE):
        handle_of_package(alice, candidate)
    told = calls(signed_in(alice))
    assert set(told) == {account_of(alice)}
    assert told[account_of(alice)][LIST] == [passkey.id_base64url]
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert set(calls(client)) == {account_of(alice), to_base64url(GUESSABLE)}


def test_eve_names_the_handle_of_another(
    alice: User, eve: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """Y16: in a browser that she shares with alice, eve claims alice's handle, and has no list signalled for it."""
    victim = imported(alice, signed_in, authenticator)
    handle_of_package(alice, shared=True)
    # The importer could compute both for eve, and saw that one may be somebody else's.
    hers = Authenticator()
    imported(eve, signed_in, hers, handle=b"eve", candidates=[b"eve", GUESSABLE])
    handle_of_package(eve, b"eve")
    handle_of_package(eve, GUESSABLE, shared=True)
    client = Client()
    assert sign_in(client, hers, user_handle=GUESSABLE).status_code == 200
    synchronise(client, authenticator)
    assert [one.id for one in authenticator.credentials] == [bytes(victim.credential_id)]


def test_random_handle_of_a_package(
    alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.4, S5.8: where it became the account's, its list waits for the end of the import as well."""
    enrol(signed_in(alice), authenticator)
    handle_of_package(alice, bytes(UserHandle.objects.get().handle), complete=False)
    (call,) = calls(signed_in(alice)).values()
    assert LIST not in call
    assert call["name"] == "alice"
    ImportedHandle.objects.update(complete=True)
    (call,) = calls(signed_in(alice)).values()
    assert len(call[LIST]) == 1


@pytest.mark.parametrize("name", sync.OTHER_PASSKEY_APPS)
def test_while_another_package_is_installed(
    old: Passkey,
    new: Passkey,
    alice: User,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """S5.8: no list goes out at all, after the end of an import either; names do."""
    monkeypatch.setattr(apps, "is_installed", lambda app: app == name)
    told = calls(signed_in(alice))
    assert len(told) == 2
    assert all(LIST not in call and call["name"] == "alice" for call in told.values())


def test_page_promises_what_is_done(old: Passkey, new: Passkey, browser: Client) -> None:
    """S5.8: the question before a deletion says that the browser is asked only where it will be."""

    def is_promised(passkey: Passkey) -> bool:
        url = reverse("otp_passkeys:delete", args=[passkey.pk])
        return "We’ll also ask your browser to remove it" in browser.get(url).content.decode()

    assert [is_promised(old), is_promised(new)] == [True, True]
    for fields in ({"complete": False}, {"complete": True, "shared": True}):
        ImportedHandle.objects.update(**fields)
        assert [is_promised(old), is_promised(new)] == [False, True]
    for passkey, asked in ((old, False), (new, True)):
        written = StringIO()
        call_command("passkeys", "alice", delete=passkey.pk, stdout=written)
        assert ("browser is asked" in written.getvalue()) is asked


def test_accounts_handle_is_emptied_with_the_account(alice: User, signed_in: SignedIn) -> None:
    """Y4: where a passkey has the account's handle as its own, its deletion is no reason for an empty list."""
    own = bytes(UserHandle.of(alice).handle)
    learnt = stored_passkey(alice, handle=own)
    handle_of_package(alice, own)
    stored_passkey(alice)
    delete(learnt)
    vanish(alice)
    (call,) = calls(signed_in(alice)).values()
    assert LIST not in call
