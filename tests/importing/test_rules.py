"""What an import does to accounts that have something already (S5.2, S5.3, S5.4, S5.7)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client

from otp_passkeys.models import ImportedCredential, ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.importing import File, Ran, made, run, stored
from ..helpers.rows import stored_passkey

pytestmark = [pytest.mark.django_db, pytest.mark.each_set]


def test_again(alice: User, file: File, authenticator: Authenticator) -> None:
    """A second import writes nothing, and does not even begin a transaction for the user (S5.2)."""
    line = made(authenticator)
    file.take(line, arguments=("--finish",))
    before = stored()
    assert file.take(line, arguments=("--finish",)).lines[1:] == ["Here already: 1."]
    assert file.take(line).lines[1:] == ["Here already: 1."]
    assert stored() == before


def test_twice_in_one_file(alice: User, file: File, authenticator: Authenticator) -> None:
    """A line that comes twice is one passkey."""
    line = made(authenticator)
    ran = file.take(line, line)
    assert ran == Ran(["Took 1 passkey of 1 account.", "Here already: 1."])


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.usefixtures("bob")
def test_of_another_account(together: bool, dry: tuple[str, ...], alice: User, file: File) -> None:
    """A credential ID that another account has is reported and left; its owner keeps it (S5.2)."""
    line = made(Authenticator(), user="bob")
    if not together:
        file.take(line)
    ran = file.take(line, {**line, "user": "alice"}, arguments=dry)
    assert ran.status == 1
    assert ran.lines[0] == "alice: line 2 left: another account has this credential ID."
    assert not Passkey.objects.filter(user=alice).exists()


def test_switched_off_here(alice: User, file: File, authenticator: Authenticator) -> None:
    """What was switched off here stays off, unless the account is named with --restore (S5.2)."""
    line = made(authenticator)
    file.take(line)
    Passkey.objects.update(confirmed=False)
    file.take(line)
    assert not Passkey.objects.get().confirmed
    ran = file.take({**line, "enabled": False}, arguments=("--restore", "--user=alice"))
    assert not Passkey.objects.get().confirmed  # it is off there too
    ran = file.take(line, arguments=("--restore", "--user=alice"))
    assert ran.lines[-1] == "Switched on again: 1."
    assert Passkey.objects.get().confirmed


def test_registered_here(alice: User, file: File, passkey: Passkey) -> None:
    """A passkey that was registered here and is in the file too is left as it is, and noted (S5.2)."""
    (line,) = run("export_passkeys").lines
    before = Passkey.objects.values().get()
    file.take(line.encode())
    assert Passkey.objects.values().get() == before
    passkey.delete()
    assert file.take(line.encode()).lines[1:] == ["Deleted here since, and not brought back: 1."]


@contextmanager
def failing_once() -> Iterator[None]:
    """Lose the connection at the end of the first user's transaction."""
    lost: list[str] = []

    def lose(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT") and "importedcredential" in sql and not lost:
            lost.append(sql)
            raise OperationalError("the server went away")
        return execute(sql, *rest)

    with connection.execute_wrapper(lose):
        yield


@pytest.mark.django_db(transaction=True)
def test_error_of_the_database(alice: User, bob: User, file: File) -> None:
    """An error of the database leaves none of that user's rows, is reported, and stops nobody else's (S5.2)."""
    lines = [made(Authenticator()), made(Authenticator()), made(Authenticator(), user="bob")]
    with failing_once():
        ran = file.take(*lines)
    refused = "the database refused what was to be written for this user"
    assert ran.status == 1
    assert ran.lines == [
        f"alice: all rows left: {refused} (OperationalError).",
        "Took 1 passkey of 1 account.",
        "Left: 1.",
    ]
    assert {passkey.user for passkey in Passkey.objects.all()} == {bob}
    assert not UserHandle.objects.filter(pk=alice.pk).exists()
    assert not ImportedHandle.objects.filter(user=alice).exists()
    assert file.take(*lines).lines == ["Took 2 passkeys of 1 account.", "Here already: 1."]


def test_error_within_a_transaction(alice: User, file: File) -> None:
    """Whoever calls the command in a transaction keeps it: only the user's part is rolled back (S5.2)."""
    with failing_once():
        assert file.take(made(Authenticator())).status == 1
    assert not UserHandle.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_after_an_error_of_the_database(alice: User, bob: User, file: File) -> None:
    """What could not be written for one user stands in nobody's way (S5.2)."""
    line = made(Authenticator())
    with failing_once():
        ran = file.take(line, {**line, "user": "bob"})
    assert ran.lines[1:] == ["Took 1 passkey of 1 account.", "Left: 1."]
    assert Passkey.objects.get().user == bob


@pytest.mark.parametrize(
    ("name", "nickname"),
    [
        ("  Work\u00a0key ", "Work\u00a0key"), (100 * "a", 64 * "a"),
        ("Work\nkey\x00", "Work key"), ("\u202ekey", "key"), ("\u200b", ""),
        (10_000 * "\u0000", ""), ("", ""),
    ],
)  # fmt: skip
def test_names(name: str, nickname: str, alice: User, file: File) -> None:
    """A name is kept as far as it may be, and what was changed is said (S5.3)."""
    ran = file.take(made(Authenticator(), name=name))
    assert ran.status == 0
    assert Passkey.objects.get().nickname == nickname
    changed = ran.lines[:-1]
    if name.strip() == nickname:
        assert changed == []
    else:
        what = "shortened or cleaned" if nickname else "dropped"
        assert changed == [f"alice: line 1: the name was {what}"]


def test_numbers(alice: User, file: File) -> None:
    """Equal names get the next number, and a number that was there before is kept if it is free."""
    stored_passkey(alice, nickname="Key")
    file.take(
        made(Authenticator(), name="Key", number=1),
        made(Authenticator(), name="Key"),
        made(Authenticator(), name="Key", number=7),
        made(Authenticator(), name="Key", number=-1),
        made(Authenticator(), name="Key", number=2**31),
    )
    names = sorted(passkey.name for passkey in Passkey.objects.for_user(alice))
    assert names == ["Key", "Key 2", "Key 3", "Key 7", "Key 8", "Key 9"]


def test_backup_state_without_eligibility(
    alice: User, file: File, authenticator: Authenticator, client: Client
) -> None:
    """A passkey that is backed up and cannot be has a flag that was not kept: it is learnt (S5.5)."""
    file.take(made(authenticator, backup_eligible=False, backup_state=True))
    passkey = Passkey.objects.get()
    assert (passkey.backup_eligible, passkey.backup_state) == (None, False)
    assert sign_in(client, authenticator).status_code == 200


@pytest.mark.parametrize("aaguid", ["", "no AAGUID", "fa2b99dc"])
def test_aaguid(aaguid: str, alice: User, file: File) -> None:
    """An AAGUID that is none says nothing about the provider; the passkey comes in."""
    assert file.take(made(Authenticator(), aaguid=aaguid)).status == 0
    assert Passkey.objects.get().aaguid is None


def test_account_with_a_handle(alice: User, file: File, passkey: Passkey) -> None:
    """An account that had passkeys keeps its handle, and is known to have others too (S5.4)."""
    before = UserHandle.objects.get(pk=alice.pk)
    file.take(made(Authenticator()))
    after = UserHandle.objects.get(pk=alice.pk)
    assert bytes(after.handle) == bytes(before.handle)
    assert (before.has_imported_handles, after.has_imported_handles) == (False, True)
    assert ImportedCredential.objects.count() == 1
