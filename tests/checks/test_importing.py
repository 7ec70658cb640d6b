"""The check that reads the database: whether another package has passkeys that are missing here (S5.10)."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import checks
from django.core.management import call_command
from django.db import OperationalError
from django_otp.plugins.otp_static.models import StaticDevice

from otp_passkeys.checks.importing import check_missing_passkeys
from otp_passkeys.importing import PACKAGES
from otp_passkeys.models import Passkey
from otp_passkeys.testing import to_base64url

from ..helpers.counting import counting
from ..helpers.importing import Shelf, run


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the check know the package of the tests."""
    monkeypatch.setitem(PACKAGES, Shelf.name, Shelf)


def found() -> list[checks.CheckMessage]:
    """Run the checks of databases."""
    messages = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return [one for one in messages if one.id == "otp_passkeys.W008"]


def put(user: User, credential_id: bytes) -> None:
    """Store a row of a user."""
    StaticDevice.objects.create(user=user, name=to_base64url(credential_id))


@pytest.mark.django_db
def test_missing(alice: User) -> None:
    """It warns, and names package and command, until all is here or was; deleted here is not missing (S5.10)."""
    assert found() == []
    put(alice, b"hers")
    (message,) = found()
    assert message.msg.startswith("shelf has passkeys that are missing here")
    assert "manage.py import_passkeys shelf" in str(message.hint)
    run("import_passkeys", "shelf")
    assert found() == []
    Passkey.objects.get().delete()
    assert found() == []
    put(alice, b"a late comer")
    assert [one.id for one in found()] == ["otp_passkeys.W008"]


@pytest.mark.django_db
def test_registered_here_too(alice: User) -> None:
    """A passkey that is here without an import is not missing."""
    put(alice, b"hers")
    run("import_passkeys", "shelf")
    from otp_passkeys.models import ImportedCredential

    ImportedCredential.objects.all().delete()
    assert found() == []


@pytest.mark.django_db
def test_unreadable(alice: User) -> None:
    """A row that cannot be read is the import's to report."""
    StaticDevice.objects.create(user=alice, name="%")
    assert found() == []


@pytest.mark.django_db
def test_cost(alice: User) -> None:
    """It reads some rows and not the table, so it takes no longer on a large one."""
    for number in range(120):
        put(alice, number.to_bytes(2, "big"))
    with counting(statements=5):  # with the savepoint around them
        assert len(found()) == 1


@pytest.mark.django_db
def test_not_asked(alice: User) -> None:
    """Without a database that it may ask, it asks none, as with `manage.py check`; `migrate` names one (S5.10)."""
    put(alice, b"hers")
    assert check_missing_passkeys(None) == []
    assert check_missing_passkeys(None, databases=[]) == []
    assert check_missing_passkeys(None, databases=["other"]) == []
    output = StringIO()
    call_command("check", stdout=output, stderr=output)
    assert "W008" not in output.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("no such table"), LookupError("no such model")])
def test_table_is_missing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is not there yet, or another app of the name, is no failure of the check."""

    def model(self: Shelf) -> Any:
        raise error

    monkeypatch.setattr(Shelf, "model", model)
    assert found() == []
