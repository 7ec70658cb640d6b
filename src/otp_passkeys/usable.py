"""Which passkeys a user can use at this address, and which demand to be used.

A passkey works only at the RP ID that it was made for. A site that moved to another domain still has the
old ones in its table; they cannot be used to sign in at the new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import django_otp
from django.db import router

from .models import Passkey
from .relying_party import is_served, is_used, rp_id_here

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django_otp.models import Device

__all__ = ["has_second_factor", "listed", "usable_here", "usable_passkeys"]


def usable_here(request: HttpRequest, passkeys: Iterable[Passkey]) -> list[Passkey]:
    """Return the passkeys of a user that work at this address: not switched off, and made for its RP ID.

    :param request: the request that asks.
    :param passkeys: any passkeys.
    """
    rp_id = rp_id_here(request)
    return [passkey for passkey in passkeys if passkey.confirmed and passkey.rp_id == rp_id]


def listed(request: HttpRequest, user: Any) -> list[Passkey]:
    """Return all passkeys of a user as :meth:`PasskeyManager.for_user` does, with those of other addresses marked.

    :param request: the request that shows them.
    :param user: their owner.
    """
    passkeys: list[Passkey] = Passkey.objects.for_user(user)
    mark_elsewhere(request, passkeys)
    return passkeys


def mark_elsewhere(request: HttpRequest, passkeys: Iterable[Passkey]) -> None:
    """Mark which passkeys were made for another address than this one.

    :param request: the request that shows them.
    :param passkeys: any passkeys.
    """
    rp_id = rp_id_here(request)
    for passkey in passkeys:
        passkey.elsewhere = passkey.rp_id != rp_id


def for_sign_in(request: HttpRequest | None, passkeys: Iterable[Passkey]) -> list[Passkey]:
    """Return the passkeys with which a user can sign in.

    :param request: the request that asks: at its address. Without one, as in a command, at any that the site still
        serves.
    :param passkeys: any passkeys. One that its authenticator does not list is found only where the browser remembers
        the account, and one that is a second step only cannot be used to sign in.
    """
    found = [
        passkey
        for passkey in passkeys
        if passkey.discoverable is not False and not passkey.second_step_only
    ]
    if request is not None:
        return usable_here(request, found)
    return [passkey for passkey in found if passkey.confirmed and is_used(passkey.rp_id)]


def usable_passkeys(request: HttpRequest, user: Any) -> list[Passkey]:
    """Return the passkeys that a user can use at this address, the most recently used first.

    :param request: the request that asks.
    :param user: their owner.
    """
    never: list[Passkey] = []
    used: list[Passkey] = []
    for passkey in usable_here(request, Passkey.objects.rows_of(user)):
        (used if passkey.last_used_at else never).append(passkey)
    return [*sorted(used, key=attrgetter("last_used_at"), reverse=True), *never]


def with_usable_passkeys(request: HttpRequest, users: Iterable[Any]) -> set[Any]:
    """Return the primary keys of those users who have a passkey that works at this address, with one query.

    :param request: the request that asks.
    :param users: the users.
    """
    rows = Passkey.objects.using(router.db_for_write(Passkey))
    here = rows.filter(confirmed=True, rp_id=rp_id_here(request))
    return set(here.filter(user__in=[user.pk for user in users]).values_list("user", flat=True))


def has_second_factor(user: Any, passkeys: Iterable[Passkey] | None = None) -> bool:
    """Say whether a user has a second factor, which a password alone must not do without.

    A passkey of another domain that the site still serves counts: a password alone could change passkeys there
    otherwise. One of a domain that is gone can never be used again, and demands nothing.

    :param user: the user.
    :param passkeys: all of the user's, where they are at hand; it saves a query.
    """
    rows = Passkey.objects.rows_of(user) if passkeys is None else passkeys
    if any(passkey.confirmed and is_served(passkey.rp_id) for passkey in rows):
        return True
    return any(rows.exists() for rows in _other_devices(user))


def other_devices(user: Any) -> list[Device]:
    """Return the confirmed django-otp devices of a user that are no passkeys.

    :param user: the user.
    """
    return [device for rows in _other_devices(user) for device in rows]


def _other_devices(user: Any) -> Iterator[QuerySet[Device]]:
    for model in django_otp.device_classes():
        if not issubclass(model, Passkey):
            # From where writes go: a replica that lags would know nothing of a device that was just added.
            rows = model.objects.devices_for_user(user, confirmed=True)
            yield rows.using(router.db_for_write(model))
