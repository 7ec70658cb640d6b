"""An import where accounts have a database of their own and reads go to a replica that lags."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import ImportedHandle, Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.databases import ALIAS, accounts_elsewhere, replica_as_of_now
from ..helpers.importing import File, Ran, made, run


@pytest.fixture
def alice(
    django_db_blocker: Any, django_db_setup: None, settings: Any, tmp_path: Path
) -> Iterator[User]:
    """Make alice, after whom the replica learns nothing any more."""
    with django_db_blocker.unblock(), accounts_elsewhere(tmp_path):
        settings.DATABASE_ROUTERS = ["tests.sites.test_routing.Accounts"]
        user = User.objects.create_user("alice")
        with replica_as_of_now(tmp_path):
            settings.DATABASE_ROUTERS = ["tests.helpers.databases.ReadsFromReplica"]
            yield user
            settings.DATABASE_ROUTERS = ["tests.sites.test_routing.Accounts"]


def test_import(alice: User, tmp_path: Path) -> None:
    """It writes where accounts are, and reads there what it wrote: a second import and the export know of it (S5.2)."""
    file, authenticator = File(tmp_path / "passkeys.jsonl"), Authenticator()
    line, late = made(authenticator), made(Authenticator())
    assert file.take(line) == Ran(["Took 1 passkey of 1 account."])
    assert file.take(line, late, arguments=("--finish", "--user=alice")).lines == [
        "Took 1 passkey of 1 account.",
        "Here already: 1.",
    ]
    assert Passkey.objects.using(ALIAS).count() == 2
    assert ImportedHandle.objects.using(ALIAS).get().complete
    assert len(run("export_passkeys").lines) == 2
    assert len(run("export_passkeys", "--user=alice").lines) == 2
    assert sign_in(Client(), authenticator).status_code == 200
