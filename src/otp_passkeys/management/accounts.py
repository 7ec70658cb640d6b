"""The accounts that a command is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import router

NO_ADDRESSES = (
    "ALLOWED_HOSTS is empty, so it is not known which passkeys still work."
    " Run this command with the settings that the site runs with."
)


def account(name: str) -> Any:
    """Return an account, from the database that writes go to.

    :param name: what the user types to sign in.
    :raises CommandError: if there is none.
    """
    model = get_user_model()
    users = model._default_manager.db_manager(router.db_for_write(model))
    # If the model's field is a UUID or a number, other text names no user.
    try:
        return users.get_by_natural_key(name)
    except (model.DoesNotExist, ValidationError, ValueError) as error:
        raise CommandError(f"There is no account {name!r}.") from error


def accounts(names: Iterable[str]) -> list[Any]:
    """Return the accounts of some names.

    :param names: what their users type to sign in.
    :raises CommandError: if one of the names has none.
    """
    return [account(name) for name in dict.fromkeys(names)]
