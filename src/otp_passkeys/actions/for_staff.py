"""What staff do to the passkeys of others: delete them, switch them off and on. Staff are asked for no proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import safeguards, sync
from ..models import Passkey
from ..signals import passkey_deleted
from .announcing import announce
from .managing import locking

if TYPE_CHECKING:
    from django.http import HttpRequest


def delete_for(
    *, user: Any, pk: int, request: HttpRequest, even_the_only_way_in: bool = False
) -> Passkey:
    """Delete a user's passkey in their place, and return it as it was.

    The owner gets the mail of any deletion, and their browser is asked to remove it at its next sync.

    :param user: the owner.
    :param pk: the number of the passkey.
    :param request: the request of the member of the staff, whose browser syncs only if they are the owner.
    :param even_the_only_way_in: whether the owner may be left without a way to sign in.
    :raises PasskeyNotFound: if the user has no such passkey.
    :raises LastWayIn: if the user could not sign in any more.
    """
    with locking(user, pk) as (owner, passkey):
        if not even_the_only_way_in:
            safeguards.require_another_way_in(owner, passkey)
        passkey.delete()
        announce(passkey_deleted, request=request, user=user, passkey=passkey)
    if user.pk == request.user.pk:
        sync.request_user_details_sync(request)
    return passkey


def switch(*, user: Any, pk: int, on: bool, even_the_only_way_in: bool = False) -> bool:
    """Switch a user's passkey off or on, and say whether that changed anything.

    One that is off signs nobody in, and stays in the list and in the browser.

    :param user: the owner.
    :param pk: the number of the passkey.
    :param on: whether it is to be on.
    :param even_the_only_way_in: whether the owner may be left without a way to sign in.
    :raises PasskeyNotFound: if the user has no such passkey.
    :raises LastWayIn: if the user could not sign in any more.
    """
    with locking(user, pk) as (owner, passkey):
        if passkey.confirmed == on:
            return False
        if not on and not even_the_only_way_in:
            safeguards.require_another_way_in(owner, passkey)
        Passkey.objects.filter(pk=passkey.pk).update(confirmed=on)
    return True
