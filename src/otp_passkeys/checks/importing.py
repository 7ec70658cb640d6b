"""A system check of what other packages have: it reads the database, so it is run where Django is told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import transaction

if TYPE_CHECKING:
    from ..importing import TableSource


def register() -> None:
    """Register the check with Django."""
    checks.register(check_missing_passkeys, checks.Tags.database)


def check_missing_passkeys(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning for each other package with passkeys that are not here.

    :param databases: the aliases that may be asked: ``check --database`` and ``migrate`` name some.
    """
    # Late: a process that serves pages must not pay for what reads the tables of six packages.
    from ..importing import PACKAGES
    from ..importing.stored import using

    if using() not in (databases or ()):
        return []
    return [
        checks.Warning(
            f"{kind.name} has passkeys that are missing here: they do not sign in, and browsers are told nothing.",
            hint=f"Run manage.py import_passkeys {name}. With --dry-run it says what it would do.",
            id="otp_passkeys.W008",
        )
        for name, kind in PACKAGES.items()
        if apps.is_installed(kind.app) and _is_behind(kind, using())
    ]


def _is_behind(kind: type[TableSource], using: str) -> bool:
    """Say whether passkeys of a package are missing here.

    A table may be missing, and a site may have an app of its own under the name. Nothing of that is an error here.
    """
    from ..importing import lacks

    try:
        with transaction.atomic(using=using):  # a statement that fails spoils no transaction
            return lacks(kind())
    except Exception:
        return False
