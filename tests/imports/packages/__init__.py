"""How each package registers a passkey: by its own code, as its own pages call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from otp_passkeys.testing import Authenticator


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package, and what its rows keep.

    :param register: makes a passkey of a user, called "Work" where it has names, on an authenticator.
    :param rows: returns the rows of its passkeys, the oldest first.
    :param kept: the columns that come in as the authenticator had them.
    :param has_names: whether a user may name a passkey.
    :param signs_in_alone: whether its passkeys sign in without a password.
    :param is_random: whether its handle is random, and becomes the account's own.
    :param is_certain: whether it is known which handle a passkey has.
    :param has_callable_rp_id: whether its setting for the RP ID may be a callable.
    :param spoilt: what spoils a row, and the reason that is reported then.
    """

    register: Callable[..., None]
    rows: Callable[[], list[Any]]
    kept: frozenset[str]
    has_names: bool = True
    signs_in_alone: bool = True
    is_random: bool = False
    is_certain: bool = True
    has_callable_rp_id: bool = False
    spoilt: Mapping[str, tuple[Callable[[Any], Any], str]]


def package(source: str) -> Package:
    """Return the package of a source."""
    found: Package = import_module(f"{__name__}.{source.replace('-', '_')}").PACKAGE
    return found


def signed_in(user: User) -> Client:
    """Sign a user in on a new client."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_request(user: User) -> Any:
    """Make a request with a session, for code that takes one."""
    request: Any = RequestFactory().get("/", secure=True)
    request.user, request.session = user, signed_in(user).session
    return request


def answer(client: Client, path: str, body: Any) -> Any:
    """Send JSON as a page does, and return the JSON that comes back."""
    response = client.post(path, body, content_type="application/json", secure=True)
    assert response.status_code in (200, 201), response.content
    return response.json()


__all__ = ["Authenticator", "Package", "a_request", "answer", "package", "signed_in"]
