"""Rows that no ceremony made, from before an upgrade or of a site's own import, and rows that nobody deleted."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from otp_passkeys.encoding import short_key
from otp_passkeys.models import Passkey, UserHandle

# Of a passkey whose key nobody uses.
VALUES: dict[str, Any] = {
    "public_key": b"no key",
    "rp_id": "testserver",
    "user_verified": True,  # as a registration demands
    "backup_eligible": False,
}


def stored_passkey(user: User, **fields: Any) -> Passkey:
    """Store a passkey, and a handle for its owner if there is none.

    :param fields: of the model, where they are to differ.
    """
    UserHandle.of(user)
    values = {"credential_id": secrets.token_bytes(32), **VALUES}
    return Passkey.objects.create(user=user, **{**values, **fields})


def stored_passkeys(user: User, nicknames: Iterable[str]) -> None:
    """Store a passkey for each nickname, in one statement.

    :param nicknames: of the passkeys, oldest first.
    """
    UserHandle.of(user)
    _store({"user": user, "nickname": nickname} for nickname in nicknames)


def stored_crowd(users: Iterable[User]) -> None:
    """Store a passkey for each user, in one statement; their handles are the caller's business."""
    _store({"user": user} for user in users)


def _store(passkeys: Iterable[dict[str, Any]]) -> None:
    ids = [(fields, secrets.token_bytes(32)) for fields in passkeys]
    Passkey.objects.bulk_create(
        Passkey(**VALUES, **fields, credential_id=new, credential_key=short_key(new))
        for fields, new in ids
    )


def row(passkey: Passkey) -> dict[str, Any]:
    """Return all that is stored of a passkey."""
    return Passkey.objects.filter(pk=passkey.pk).values().get()


def vanish(user: User) -> None:
    """Take a user's rows away behind Django's back."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Passkey._meta.db_table} WHERE user_id = %s", [user.pk])
