"""Which lists an import holds back, and when they go out (S5.7)."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator, to_base64url

from ..helpers.importing import HANDLE, File, made
from ..helpers.steps import SignedIn
from ..helpers.sync import fetch, synchronise

pytestmark = [pytest.mark.django_db, pytest.mark.each_set]


def lists(client: Client) -> dict[str, bool]:
    """Say for each handle that is signalled whether a list goes with it."""
    payload = fetch(client)
    calls = [payload, *payload["former"]]
    return {call["userId"]: "allAcceptedCredentialIds" in call for call in calls}


def test_left_row_holds_the_list(
    alice: User, file: File, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """While a row of a handle is left, no list goes out for it; when all came in and it is finished, it does (S5.7)."""
    good, bad = made(authenticator), made(Authenticator(), sign_count=-1)
    ours, theirs = "", to_base64url(HANDLE)
    file.take(good, bad, arguments=("--finish",))
    browser = signed_in(alice)
    ours = to_base64url(bytes(UserHandle.objects.get(pk=alice.pk).handle))
    assert lists(browser) == {ours: True, theirs: False}
    file.take(good, {**bad, "sign_count": 0})
    assert lists(browser) == {ours: True, theirs: False}
    file.take(good, {**bad, "sign_count": 0}, arguments=("--finish",))
    assert lists(browser) == {ours: True, theirs: True}
    # And back: a late row that cannot be taken.
    file.take(good, {**bad, "credential_id": ""})
    assert lists(browser) == {ours: True, theirs: False}


@pytest.mark.usefixtures("passkey")
def test_left_row_of_the_accounts_own_handle(alice: User, file: File, signed_in: SignedIn) -> None:
    """A row that is left and has the account's own handle stops the list that goes out already (S5.7)."""
    handle = bytes(UserHandle.objects.get(pk=alice.pk).handle)
    browser = signed_in(alice)
    assert lists(browser) == {to_base64url(handle): True}
    file.take(made(Authenticator(), handle=handle, sign_count=-1), arguments=("--finish",))
    assert lists(browser) == {to_base64url(handle): False}


def test_left_row_of_an_unknown_handle(
    alice: User, file: File, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """A row that is left and may have any handle stops the lists of all that come in with it (S5.7)."""
    unknown = made(Authenticator(), user_handle=None)
    file.take(made(authenticator), unknown, arguments=("--finish",))
    assert lists(signed_in(alice))[to_base64url(HANDLE)] is False


def test_left_row_of_another_domain(
    alice: User, file: File, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """A row of another domain is in no list of this one, so it stops none."""
    file.take(made(authenticator), made(Authenticator(), rp_id="x.org"), arguments=("--finish",))
    assert lists(signed_in(alice))[to_base64url(HANDLE)] is True


def test_lines_of_a_user_apart(
    alice: User, bob: User, file: File, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """A left row counts for lines of the same user further down too (S5.7)."""
    file.take(
        made(authenticator),
        made(Authenticator(), sign_count=-1),
        made(Authenticator(), user="bob", handle=b"bob's"),
        made(Authenticator()),
        arguments=("--finish",),
    )
    assert lists(signed_in(alice))[to_base64url(HANDLE)] is False
    assert Passkey.objects.filter(user=alice).count() == 2


def test_shared(alice: User, bob: User, file: File, signed_in: SignedIn) -> None:
    """A handle that comes for two accounts is signalled for neither (S5.7)."""
    file.take(made(Authenticator()), arguments=("--finish",))
    browser = signed_in(alice)
    assert to_base64url(HANDLE) in lists(browser)
    file.take(made(Authenticator(), user="bob"), arguments=("--finish",))
    assert to_base64url(HANDLE) not in lists(browser)
    assert to_base64url(HANDLE) not in lists(signed_in(bob))


def test_emptied(
    alice: User, file: File, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """The last passkey of a handle goes from its authenticator when it is deleted; one that comes anew stays (S5.7)."""
    line = made(authenticator)
    file.take(line, arguments=("--finish",))
    browser = signed_in(alice)
    Passkey.objects.get().delete()
    handle = ImportedHandle.objects.get()
    assert handle.emptied_at is not None
    file.take(line, arguments=("--restore", "--user=alice", "--finish"))
    handle.refresh_from_db()
    assert handle.emptied_at is None
    assert UserHandle.objects.get(pk=alice.pk).emptied_at is None
    synchronise(browser, authenticator)
    assert len(authenticator.credentials) == 1
    Passkey.objects.get().delete()
    file.take(line, arguments=("--finish",))
    synchronise(browser, authenticator)
    assert authenticator.credentials == []


def test_finished_after_it_was_emptied(
    alice: User, file: File, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """The handle of what was deleted here is finished with the others: the browser hears of it (S5.7)."""
    line = made(authenticator)
    file.take(line)
    Passkey.objects.get().delete()
    browser = signed_in(alice)
    synchronise(browser, authenticator)
    assert len(authenticator.credentials) == 1
    file.take(made(Authenticator(), handle=b"another"))  # which is no reason to finish the first
    synchronise(browser, authenticator)
    assert len(authenticator.credentials) == 1
    file.take(line, arguments=("--finish",))
    synchronise(browser, authenticator)
    assert authenticator.credentials == []
