"""What keeps users from locking themselves out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .conf import conf
from .exceptions import LastWayIn
from .models import Passkey
from .relying_party import is_served, knows_addresses
from .usable import for_sign_in

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["other_ways_in"]


def other_ways_in(
    user: Any,
    passkey: Passkey,
    request: HttpRequest | None = None,
    passkeys: Iterable[Passkey] | None = None,
) -> list[str]:
    """Name the ways in that remain for a user without one of their passkeys.

    :param user: the owner.
    :param passkey: the passkey to do without.
    :param request: the request that asks: only passkeys that work at its address count. Without one, as in a command,
        those count that work at any address that the site still serves.
    :param passkeys: all of the user's, where they are at hand; it saves a query.
    :return: any of ``"password"``, ``"passkey"`` and what the site's policy names.
    """
    policy = conf.OTP_PASSKEYS_POLICY
    ways = ["password"] if policy.has_password(user) else []
    rows = Passkey.objects.rows_of(user) if passkeys is None else passkeys
    others = [one for one in rows if one.pk != passkey.pk]
    if for_sign_in(request, others):
        ways.append("passkey")
    return [*ways, *policy.other_ways_in(user)]


def opens_nothing(passkey: Passkey) -> bool:
    """Say whether a passkey cannot sign in: the site has left its domain, or it is a second step only.

    :param passkey: the passkey. Where the settings do not tell which domains the site has, it has left none.
    """
    return passkey.second_step_only or (knows_addresses() and not is_served(passkey.rp_id))


def is_only_way_in(
    user: Any,
    passkey: Passkey,
    request: HttpRequest | None = None,
    passkeys: Iterable[Passkey] | None = None,
) -> bool:
    """Say whether a user could not sign in without a passkey. One that opens nothing is no way in.

    :param user: the owner.
    :param passkey: the passkey to do without.
    :param request: the request that asks, as for :func:`other_ways_in`.
    :param passkeys: all of the user's, as for :func:`other_ways_in`.
    """
    return not opens_nothing(passkey) and not other_ways_in(user, passkey, request, passkeys)


def spared(passkeys: Iterable[Passkey]) -> list[Passkey]:
    """Return those of some passkeys that are to stay, so that each of their owners keeps a way in.

    Where all of a user's are among them, the last one stays.

    :param passkeys: the passkeys that are about to go, in that order, with their owners joined.
    """
    left: dict[Any, list[Passkey]] = {}
    found = []
    for passkey in passkeys:
        if passkey.user_id not in left:
            left[passkey.user_id] = Passkey.objects.rows_of(passkey.user)
        rows = left[passkey.user_id]
        if is_only_way_in(passkey.user, passkey, passkeys=rows):
            found.append(passkey)
        else:
            rows[:] = [one for one in rows if one.pk != passkey.pk]
    return found


def require_another_way_in(user: Any, passkey: Passkey, request: HttpRequest | None = None) -> None:
    """Refuse what would leave a user without a way in. A passkey that opens nothing is not one.

    Call it with the user's row locked, or two deletions at once leave none.

    :param user: the owner.
    :param passkey: the passkey that is about to be deleted.
    :param request: the request that asks, as for :func:`other_ways_in`.
    :raises LastWayIn: if nothing else remains.
    """
    if is_only_way_in(user, passkey, request):
        raise LastWayIn("no other way in remains")
