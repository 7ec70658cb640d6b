"""A passkey as JSON."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ..models import Passkey


def passkey_json(passkey: Passkey) -> dict[str, Any]:
    """Return what scripts may know of a passkey: no key, count or attestation (S1.17).

    :param passkey: a stored passkey.
    """
    provider = passkey.provider
    return {
        "id": passkey.id_base64url,
        "name": passkey.name,
        "nickname": passkey.nickname,
        "provider": {
            "name": str(provider.name),
            "icon_light": provider.icon_url("light"),
            "icon_dark": provider.icon_url("dark"),
        },
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
        "synced": passkey.synced,
        "backup_eligible": passkey.backup_eligible,
        "current": passkey.current,
        "rename_url": reverse("otp_passkeys:rename", args=[passkey.pk]),
        "delete_url": reverse("otp_passkeys:delete", args=[passkey.pk]),
    }
