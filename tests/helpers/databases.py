"""A second database, and one that lags behind it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.dummy.base import DatabaseWrapper as NoDatabase
from django.db.models import Model

ALIAS, REPLICA = "accounts", "replica"
_migrated: list[bytes] = []  # the file with its empty tables, once they were made in this process


@contextmanager
def accounts_elsewhere(folder: Path) -> Iterator[None]:
    """Make a database for the accounts, and none where the default is.

    By means of Django's own that are not documented: settings cannot name a database once the tests have begun, and
    a site of its own in another process would run without the fixtures of all other tests.
    """
    usual = connections["default"]
    _describe(ALIAS, folder)
    try:
        _migrate(folder / f"{ALIAS}.sqlite3")
        connections["default"] = NoDatabase(usual.settings_dict, alias="default")
        yield
    finally:
        connections["default"] = usual
        _forget(ALIAS)


@contextmanager
def replica_as_of_now(folder: Path) -> Iterator[None]:
    """Make a replica of the accounts that learns nothing any more."""
    connections[ALIAS].close()
    shutil.copy(folder / f"{ALIAS}.sqlite3", folder / f"{REPLICA}.sqlite3")
    _describe(REPLICA, folder)
    try:
        yield
    finally:
        _forget(REPLICA)


class ReadsFromReplica:
    """A router that sends reads to the replica, but for those of sessions."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return ALIAS if model._meta.app_label == "sessions" else REPLICA

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return ALIAS

    def allow_relation(self, *objects: Model, **hints: Any) -> bool:
        return True


def _migrate(file: Path) -> None:
    if _migrated:
        file.write_bytes(_migrated[0])
        return
    call_command("migrate", database=ALIAS, verbosity=0)
    connections[ALIAS].close()
    _migrated.append(file.read_bytes())


def _describe(alias: str, folder: Path) -> None:
    sqlite = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / f"{alias}.sqlite3"),
        "OPTIONS": {},
    }
    connections.settings[alias] = {**connections["default"].settings_dict, **sqlite}


def _forget(alias: str) -> None:
    connections[alias].close()
    del connections[alias]
    del connections.settings[alias]
