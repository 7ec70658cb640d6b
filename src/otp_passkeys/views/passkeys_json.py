"""Passkeys as JSON."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.utils.timezone import now

from ..advice import for_passkeys
from ..models import Passkey
from ..rows import Addresses, addresses


def passkey_json(passkey: Passkey) -> dict[str, Any]:
    """Return what scripts may know of a passkey: no key, count or attestation (S1.17).

    :param passkey: a stored passkey, marked by :mod:`otp_passkeys.usable` if it is another address's.
    """
    return _row(passkey, addresses())


def _row(passkey: Passkey, places: Addresses) -> dict[str, Any]:
    provider = passkey.provider
    return {
        "id": passkey.id_base64url,
        "name": passkey.name,
        "nickname": passkey.nickname,
        "provider": {
            "name": str(provider.name),
            "icon_light": places.icon_light(provider.icon_aaguid),
            "icon_dark": places.icon_dark(provider.icon_aaguid),
        },
        "created_at": _utc(passkey.created_at),
        "last_used_at": _utc(passkey.last_used_at),
        "synced": passkey.synced,
        "backup_eligible": passkey.backup_eligible,
        "second_step_only": passkey.second_step_only,
        "current": passkey.current,
        "rp_id": passkey.rp_id,
        "usable": passkey.confirmed and not passkey.elsewhere,
        "rename_url": places.rename(passkey.pk),
        "delete_url": places.delete(passkey.pk),
    }


def list_json(passkeys: Sequence[Passkey]) -> dict[str, Any]:
    """Return a user's passkeys, and at most one piece of advice about them.

    :param passkeys: all of the user's.
    """
    advice, places = for_passkeys(passkeys, now()), addresses()
    return {
        "passkeys": [_row(passkey, places) for passkey in passkeys],
        "advice": advice and {"key": advice.key, "text": advice.text},
    }


def _utc(moment: datetime.datetime | None) -> datetime.datetime | None:
    """Return a time in UTC. With ``USE_TZ = False`` it has no zone, and a script could not know which one is meant."""
    return moment and moment.astimezone(datetime.timezone.utc)
