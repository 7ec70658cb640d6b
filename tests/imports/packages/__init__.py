"""How each package registers a passkey: its own code, as its own pages call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from otp_passkeys.testing import Authenticator


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package, and what its rows keep.

    :param register: registers a passkey of a user on an authenticator, by the package's own code.
    :param rows: returns its passkeys, the oldest first.
    :param handle_of: returns the handle that it makes for a user.
    :param kept: the columns that come in as the authenticator and the row had them.
    :param signs_in_alone: whether its passkeys sign in without a password.
    :param adopted: whether its handle becomes the account's own.
    :param is_certain: whether the handle of a row is known.
    :param spoilt: ways to spoil a row, each with the reason that is reported.
    :param name: the name that a passkey has there after `register(..., name="Work")`.
    """

    register: Callable[..., None]
    rows: Callable[[], models.QuerySet[Any]]
    kept: frozenset[str]
    signs_in_alone: bool
    adopted: bool = False
    is_certain: bool = True
    spoilt: dict[str, tuple[Callable[[Any], None], str]] = field(default_factory=dict)


def package(source: str) -> Package:
    """Return the package of a source."""
    found: Package = import_module(f"{__name__}.{source.replace('-', '_')}").PACKAGE
    return found


Register = Callable[[User, Authenticator], None]
