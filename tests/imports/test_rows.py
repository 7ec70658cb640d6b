"""Every row that can be taken is taken, and any other is reported (S5.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import checks
from django.core.management import CommandError

from otp_passkeys.models import ImportedHandle, Passkey
from otp_passkeys.testing import Authenticator
from tests.helpers.importing import TABLES, run, stored

from .conftest import SOURCE
from .packages import Package, package
from .steps import run_import, use

pytestmark = pytest.mark.django_db

SPOILT = package(SOURCE).spoilt if SOURCE else {}


@pytest.mark.parametrize("how", SPOILT)
def test_spoilt(
    how: str, alice: User, bob: User, old: Package, authenticator: Authenticator
) -> None:
    """A row spoilt in one way is reported with the reason; the rest of the user and all others come in (S5.2)."""
    bob.first_name = "Bob"
    bob.save()
    good, others = Authenticator(), Authenticator()
    old.register(alice, authenticator)
    old.register(alice, good)
    old.register(bob, others)
    spoil, reason = old.spoilt[how]
    (row, *_) = old.rows()
    spoil(row)
    ran = run_import("--finish")
    assert ran.status == 1
    assert len(ran.lines) == 3, ran.lines
    assert f"{type(row).__name__} {row.pk} left: {reason}." in ran.lines[0]
    assert ran.lines[1:] == ["Took 2 passkeys of 2 accounts.", "Left: 1."]
    use(alice, good, alone=old.signs_in_alone)
    use(bob, others, alone=old.signs_in_alone)
    # A list that lacks a row which a browser may have is never whole.
    may_be_listed = not any(word in reason for word in ("another domain", "U2F", "no such user"))
    for handle in ImportedHandle.objects.filter(user=alice):
        assert handle.complete is not may_be_listed
    assert all(ImportedHandle.objects.filter(user=bob).values_list("complete", flat=True))


def test_again(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A second import changes nothing, and none brings back what was deleted here (S5.2)."""
    old.register(alice, authenticator)
    run_import()
    before = stored()
    ran = run_import()
    assert (ran.status, ran.lines[1:]) == (0, ["Here already: 1."])
    assert stored() == before
    Passkey.objects.get().delete()
    before = stored()
    ran = run_import()
    assert (ran.status, ran.lines[1:]) == (0, ["Deleted here since, and not brought back: 1."])
    assert stored() == before
    assert run_import("--restore", "--user=alice").status == 0
    use(alice, authenticator, alone=old.signs_in_alone)


def test_dry_run(alice: User, old: Package, authenticator: Authenticator) -> None:
    """`--dry-run` says the same and writes nothing (S5.2)."""
    old.register(alice, authenticator)
    before = stored()
    ran = run_import("--dry-run", "--finish")
    assert (ran.status, ran.lines) == (0, ["Would take 1 passkey of 1 account."])
    assert stored() == before


def test_user(alice: User, bob: User, old: Package, authenticator: Authenticator) -> None:
    """`--user` takes the passkeys of one account only."""
    bob.first_name = "Bob"
    bob.save()
    old.register(alice, authenticator)
    old.register(bob, Authenticator())
    assert run_import("--user=alice").lines == ["Took 1 passkey of 1 account."]
    assert Passkey.objects.get().user == alice


def test_many_users(old: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users are read some at a time; none is left out and none comes twice."""
    monkeypatch.setattr("otp_passkeys.importing.tables.USERS_AT_ONCE", 2)
    monkeypatch.setattr("otp_passkeys.importing.writing.USERS_AT_ONCE", 3)
    for number in range(5):
        user = User.objects.create_user(f"user{number}", first_name="User", last_name=str(number))
        for _ in range(2):
            old.register(user, Authenticator())
    assert run_import().lines == ["Took 10 passkeys of 5 accounts."]


def test_file(alice: User, old: Package, authenticator: Authenticator, tmp_path: Path) -> None:
    """What came from a package leaves by the export, and comes back without loss (S5.9)."""
    old.register(alice, authenticator)
    run_import()
    exported = run("export_passkeys").lines
    columns = [field.name for field in Passkey._meta.concrete_fields if field.name != "id"]
    before = list(Passkey.objects.values(*columns))
    for model in TABLES:
        model._base_manager.all().delete()
    file = tmp_path / "passkeys.jsonl"
    file.write_text("\n".join(exported))
    assert run("import_passkeys", "json", f"--file={file}").status == 0
    assert list(Passkey.objects.values(*columns)) == before
    assert run("export_passkeys").lines == exported
    use(alice, authenticator, alone=old.signs_in_alone)


def test_check(alice: User, old: Package, authenticator: Authenticator) -> None:
    """The check of the database names the package and the command until all is here (S5.10)."""

    def warnings() -> list[checks.CheckMessage]:
        found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
        return [one for one in found if one.id == "otp_passkeys.W008"]

    assert warnings() == []
    old.register(alice, authenticator)
    (warning,) = warnings()
    assert SOURCE in warning.msg
    assert f"import_passkeys {SOURCE}" in str(warning.hint)
    run_import("--dry-run")
    assert len(warnings()) == 1
    run_import()
    assert warnings() == []
    Passkey.objects.get().delete()  # here, and on purpose
    assert warnings() == []


def test_rp_id_of_elsewhere(alice: User, old: Package, authenticator: Authenticator) -> None:
    """An RP ID that this site does not have is refused before anything is written."""
    old.register(alice, authenticator)
    with pytest.raises(CommandError, match="work at no address of this site"):
        run_import("--rp-id=elsewhere.example")
    assert not Passkey.objects.exists()
