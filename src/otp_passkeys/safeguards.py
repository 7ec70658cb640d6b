"""What keeps users from locking themselves out."""

from __future__ import annotations

from typing import Any

from django.db import router

from .conf import conf
from .exceptions import LastWayIn
from .models import Passkey


def other_ways_in(user: Any, passkey: Passkey) -> list[str]:
    """Name the ways in that remain for a user without one of their passkeys.

    :param user: the owner.
    :param passkey: the passkey to do without.
    :return: any of ``"password"``, ``"passkey"`` and what the site's policy names.
    """
    policy = conf.OTP_PASSKEYS_POLICY
    ways = ["password"] if policy.has_password(user) else []
    others = Passkey.objects.using(router.db_for_write(Passkey)).filter(user_id=user.pk)
    if others.filter(confirmed=True).exclude(pk=passkey.pk).exists():
        ways.append("passkey")
    return [*ways, *policy.other_ways_in(user)]


def require_another_way_in(user: Any, passkey: Passkey) -> None:
    """Refuse what would leave a user without a way in.

    Call it with the user's row locked, or two deletions at once leave none.

    :param user: the owner.
    :param passkey: the passkey that is about to be deleted.
    :raises LastWayIn: if nothing else remains.
    """
    if not other_ways_in(user, passkey):
        raise LastWayIn("no other way in remains")
