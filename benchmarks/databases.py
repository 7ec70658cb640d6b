"""Databases of our own: made for a run, dropped after it, and chosen between while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections

_chosen: ContextVar[str] = ContextVar("chosen", default="default")


class Router:
    """Sends every statement to the database that :func:`using` chose."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return the alias that was chosen."""
        return _chosen.get()

    db_for_write = db_for_read

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        """Allow all: nothing crosses from one to the other."""
        return True


@contextmanager
def using(alias: str) -> Iterator[None]:
    """Let the site run on one of the databases.

    :param alias: its alias in the settings.
    """
    token = _chosen.set(alias)
    try:
        yield
    finally:
        _chosen.reset(token)


@contextmanager
def made(*aliases: str) -> Iterator[None]:
    """Make databases with all tables, and drop them at the end; old ones of the same name are dropped first.

    :param aliases: which of the settings.
    """
    with ExitStack() as stack:
        for alias in aliases:
            connection = connections[alias]
            name = connection.settings_dict["NAME"]
            with using(alias):
                connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            stack.callback(connection.creation.destroy_test_db, name, verbosity=0)
        yield
