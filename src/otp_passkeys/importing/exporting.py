"""Passkeys as JSON lines, as docs/reference/passkeys.schema.json describes them: the way out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import router
from django.utils import timezone

from ..encoding import to_base64url
from ..models import Passkey
from .tables import pages


def lines(users: Collection[Any] | None = None) -> Iterator[str]:
    """Yield the passkeys that are stored here, one line each, without the line's end.

    :param users: whose; None for all.
    """
    rows = Passkey.objects.using(router.db_for_write(Passkey)).select_related(
        "user__passkey_handle"
    )
    if users is not None:
        rows = rows.filter(user_id__in=[user.pk for user in users])
    for page in pages(rows, "user_id"):
        for passkey in sorted(page, key=_age):
            yield json.dumps(_members(passkey), separators=(",", ":"))


def _age(passkey: Passkey) -> tuple[Any, ...]:
    """Order passkeys by user, and those of a user as they are listed: the oldest first."""
    created = passkey.created_at
    return passkey.user_id, created is not None, created or 0, passkey.pk


def _members(passkey: Passkey) -> dict[str, Any]:
    handle = passkey.known_handle
    return {
        "user": str(passkey.user.get_username()),
        "user_handle": None if handle is None else to_base64url(handle),
        # The account's own is random, whoever made it; one that only a passkey has may be a name.
        "user_handle_is_random": handle is not None and passkey.handle is None,
        "user_handle_candidates": passkey.handle_candidates,
        "credential_id": passkey.id_base64url,
        "public_key": to_base64url(bytes(passkey.public_key)),
        "sign_count": passkey.sign_count,
        "aaguid": passkey.aaguid,
        "transports": passkey.transports,
        "backup_eligible": passkey.backup_eligible,
        "backup_state": passkey.backup_state,
        "user_verified": passkey.user_verified,
        "discoverable": passkey.discoverable,
        "second_step_only": passkey.second_step_only,
        "enabled": passkey.confirmed,
        "rp_id": passkey.rp_id,
        "name": passkey.nickname,
        "number": passkey.number,
        "created_at": _text(passkey.created_at),
        "last_used_at": _text(passkey.last_used_at),
        "sign_count_fell_at": _text(passkey.sign_count_fell_at),
    }


def _text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).isoformat()
