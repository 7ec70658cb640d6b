"""What a user may do so that they can still sign in tomorrow: one piece of advice at a time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from .models import Passkey

__all__ = ["Advice", "for_passkeys"]

_UNUSED_AFTER = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Advice:
    """One piece of advice.

    :param key: ``"not_backed_up"``, ``"only_one_device"`` or ``"unused"``.
    :param text: whole sentences, in the language of the request.
    :param passkey: the passkey that it is about.
    """

    key: str
    text: str
    passkey: Passkey


def for_passkeys(passkeys: Sequence[Passkey], now: datetime.datetime) -> Advice | None:
    """Return the most urgent advice, or None if all is well; no statement is made.

    :param passkeys: all of a user's, from :func:`otp_passkeys.usable.listed`. Those that are disabled, or made for
        another address, are not spoken of.
    :param now: the time.
    """
    usable = [passkey for passkey in passkeys if passkey.confirmed and not passkey.elsewhere]
    for passkey in usable:
        if passkey.backup_eligible and not passkey.backup_state:
            return _not_backed_up(passkey)
    if len(usable) == 1 and _is_on_one_device(usable[0]):
        return _only_one_device(usable[0])
    unused = [pair for pair in map(_seen, usable) if pair and now - pair[0] > _UNUSED_AFTER]
    return _unused(min(unused, key=lambda pair: pair[0])[1]) if unused else None


def _is_on_one_device(passkey: Passkey) -> bool:
    # No advice if it is not known, nor about passkeys that cannot be used alone.
    return passkey.backup_eligible is False and not passkey.second_step_only


def _seen(passkey: Passkey) -> tuple[datetime.datetime, Passkey] | None:
    # Either may be missing, and without both nothing is known.
    moment: datetime.datetime | None = passkey.last_used_at or passkey.created_at
    return (moment, passkey) if moment else None


def _not_backed_up(passkey: Passkey) -> Advice:
    text = gettext(
        # Translators: %(name)s is the name of a passkey: what its owner called it, or that of its password manager.
        "“%(name)s” is not backed up at the moment, so it is lost if you lose the device. Turn on syncing in the"
        " password manager that keeps it, or add a passkey on another device."
    )
    return Advice("not_backed_up", text % {"name": passkey.name}, passkey)


def _only_one_device(passkey: Passkey) -> Advice:
    text = gettext(
        "Your only passkey is on one device or security key. Add another one elsewhere, so that you can still sign in"
        " with a passkey if you lose it."
    )
    return Advice("only_one_device", text, passkey)


def _unused(passkey: Passkey) -> Advice:
    text = gettext(
        # Translators: %(name)s is the name of a passkey; “it” is the passkey.
        "You have not used “%(name)s” for more than a year. If you no longer have it, delete it here."
    )
    return Advice("unused", text % {"name": passkey.name}, passkey)
