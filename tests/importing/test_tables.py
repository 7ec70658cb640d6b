"""Reading another package's table, whatever the package: in pages, user by user."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django_otp.plugins.otp_static.models import StaticDevice

from otp_passkeys.importing import PACKAGES
from otp_passkeys.importing.tables import foreign_model
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import to_base64url

from ..helpers.counting import counting
from ..helpers.importing import HANDLE, Ran, Shelf, run

pytestmark = [pytest.mark.django_db, pytest.mark.each_set]


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands know the package of the tests."""
    monkeypatch.setitem(PACKAGES, Shelf.name, Shelf)


def put(user: User, name: str | bytes) -> StaticDevice:
    """Store a row of a user."""
    text = to_base64url(name) if isinstance(name, bytes) else name
    return StaticDevice.objects.create(user=user, name=text)


def test_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows come in, each once, though users are read and written some at a time."""
    monkeypatch.setattr("otp_passkeys.importing.tables.USERS_AT_ONCE", 2)
    monkeypatch.setattr("otp_passkeys.importing.writing.USERS_AT_ONCE", 3)
    users = [User.objects.create_user(f"user{number}") for number in range(5)]
    for turn in range(3):
        for user in users:
            put(user, f"{turn} of {user}".encode())
    assert run("import_passkeys", "shelf") == Ran(["Took 15 passkeys of 5 accounts."])
    for user in users:
        ids = [bytes(passkey.credential_id) for passkey in Passkey.objects.for_user(user)]
        assert ids == [f"{turn} of {user}".encode() for turn in range(3)]


def test_spoilt(alice: User, bob: User) -> None:
    """Each row that cannot be read is named, and the others come in (S5.2)."""
    bad = [put(alice, name) for name in ("no handle", "foreign", "%")]
    put(alice, b"good")
    put(bob, b"good too")
    ran = run("import_passkeys", "shelf")
    reasons = (
        "the user handle is not known",
        "the row has a foreign shape (KeyError)",
        "what should be base64url is something else",
    )
    assert ran == Ran(
        [
            *(
                f"alice: StaticDevice {row.pk} left: {reason}."
                for row, reason in zip(bad, reasons, strict=True)
            ),
            "Took 2 passkeys of 2 accounts.",
            "Left: 3.",
        ],
        1,
    )


def test_user_is_missing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package whose rows name their users may name one who is gone."""
    row = put(alice, b"hers")
    monkeypatch.setattr(Shelf, "users", lambda self, rows: {})
    assert run("import_passkeys", "shelf").lines[0] == (
        f"{alice.pk}: StaticDevice {row.pk} left: there is no such user."
    )


def test_model_of_another_package() -> None:
    """It is found by the label of its app and its name."""
    assert foreign_model("otp_passkeys", "Passkey") is Passkey


def test_one_account(alice: User, bob: User) -> None:
    """Only rows of accounts that are named are read."""
    put(alice, b"hers")
    put(bob, b"his")
    assert run("import_passkeys", "shelf", "--user=bob").lines == ["Took 1 passkey of 1 account."]
    assert Passkey.objects.get().user == bob


@pytest.mark.django_db(transaction=True)
def test_statements(alice: User, bob: User) -> None:
    """An import of a user costs six statements, and one that changes nothing costs none (S5.2)."""
    put(alice, b"first")
    run("import_passkeys", "shelf")
    # Two pages of users and their rows, and four questions about what is here.
    with counting(statements=7, commits=0):
        run("import_passkeys", "shelf")
    put(bob, b"his")
    # With the account's handle, the passkey, its date, the note, the imported handle, and who shares it.
    with counting(statements=7 + 6, commits=1):
        run("import_passkeys", "shelf")


def test_no_rp_id(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package does not say for which RP ID, it must be named."""
    put(alice, b"hers")
    monkeypatch.setattr(Shelf, "own_rp_id", lambda self: None)
    with pytest.raises(CommandError, match="shelf does not say for which RP ID"):
        run("import_passkeys", "shelf")
    assert run("import_passkeys", "shelf", "--rp-id=testserver").status == 0
    monkeypatch.setattr(Shelf, "own_rp_id", lambda self: "x.org")
    with pytest.raises(CommandError, match=r"'x.org' work at no address of this site"):
        run("import_passkeys", "shelf")


def test_another_app_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site may have an app of its own that is called as the package is."""

    def model(self: Shelf) -> Any:
        raise LookupError

    monkeypatch.setattr(Shelf, "model", model)
    with pytest.raises(CommandError, match="otp_static' is another app than shelf"):
        run("import_passkeys", "shelf")


class Terminal(io.StringIO):
    """Standard output or error of somebody who looks at it."""

    def isatty(self) -> bool:
        return True


def test_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a line says how far it is; elsewhere none does."""
    monkeypatch.setattr("otp_passkeys.management.commands.import_passkeys._SHOWN_EVERY", 2)
    for number in range(5):
        put(User.objects.create_user(f"user{number}"), bytes([number]))
    terminal, file = Terminal(), io.StringIO()
    run("import_passkeys", "shelf", "--dry-run", stderr=file)
    assert file.getvalue() == ""
    run("import_passkeys", "shelf", "--dry-run", stderr=terminal)
    assert terminal.getvalue() == "\r2 accounts\r4 accounts\r"
    terminal = Terminal()
    run("import_passkeys", "shelf", "--user=user1", stderr=terminal)
    assert terminal.getvalue() == ""


def test_export_to_a_terminal(alice: User) -> None:
    """Whoever prints passkeys on a terminal reads that they are personal data."""
    from django.core.management import call_command

    terminal, complaints = Terminal(), io.StringIO()
    call_command("export_passkeys", stdout=terminal, stderr=complaints)
    assert "personal data" in complaints.getvalue()
    file, complaints = io.StringIO(), io.StringIO()
    call_command("export_passkeys", stdout=file, stderr=complaints)
    assert complaints.getvalue() == ""


def test_handle(alice: User) -> None:
    """The handle of the package stays with the passkey, and the account's own is random (S5.4)."""
    put(alice, b"hers")
    run("import_passkeys", "shelf")
    assert bytes(Passkey.objects.get().handle) == HANDLE + str(alice.pk).encode()
    assert len(bytes(UserHandle.objects.get(pk=alice.pk).handle)) == 64
