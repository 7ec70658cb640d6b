"""A system check of what other packages have: it reads the database, so it is run where Django is told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import transaction

from .importing import PACKAGES, lacks
from .importing.stored import using


def register() -> None:
    """Register the check with Django."""
    checks.register(check_missing_passkeys, checks.Tags.database)


def check_missing_passkeys(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning for each other package with passkeys that are not here.

    :param databases: the aliases that may be asked: ``check --database`` and ``migrate`` name some.
    """
    if using() not in (databases or ()):
        return []
    return [
        checks.Warning(
            f"{kind.name} has passkeys that are missing here: they do not sign in, and browsers are told nothing.",
            hint=f"Run manage.py import_passkeys {name}. With --dry-run it says what it would do.",
            id="otp_passkeys.W008",
        )
        for name, kind in PACKAGES.items()
        if apps.is_installed(kind.app) and _lacks(name)
    ]


def _lacks(name: str) -> bool:
    """Say whether passkeys of a package are missing here.

    A table may be missing, and a site may have an app of its own under the name. Nothing of that is an error here.
    """
    try:
        with transaction.atomic(using=using()):  # a statement that fails spoils no transaction
            return lacks(PACKAGES[name]())
    except Exception:
        return False
