"""Fill tables with passkeys that can really sign in, a million of them in a minute or two.

All share one key pair, because making a million takes long; the IDs are as many as the passkeys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connections, models, transaction
from django.utils import timezone

from otp_passkeys.encoding import short_key
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import ES256, Authenticator, Credential
from otp_passkeys.testing.keys import cose_public_key, generate_key

RP_ID = "testserver"
AAGUIDS = [
    "bada5566-a7aa-401f-bd96-45619a55120d",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
    "d548826e-79b4-db40-a3d8-11116f7e8349",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
]
_BATCH = 20_000
_KEY = generate_key(ES256)


def authenticator(number: int, owner: int) -> Authenticator:
    """Return an authenticator that holds one of the passkeys.

    :param number: which.
    :param owner: the primary key of its user.
    """
    credential = Credential(
        id=_credential_id(number),
        rp_id=RP_ID,
        user_handle=_handle(owner),
        user_name=_name(owner),
        user_display_name=_name(owner),
        algorithm=ES256,
        private_key=_KEY,
        aaguid=UUID(int=0),
        transports=("hybrid", "internal"),
        discoverable=True,
        sign_count=0,
        backup_eligible=True,
        backup_state=True,
    )
    return Authenticator(credentials=[credential])


def fill(alias: str, owners: Sequence[int], *, first: int = 0) -> None:
    """Store passkeys, and their users with handles.

    :param alias: the database.
    :param owners: the primary key of the user of each passkey, in ascending order.
    :param first: the number of the first passkey.
    """
    users = sorted(set(owners))
    _insert(alias, User, _users(alias, users))
    _insert(alias, UserHandle, _handles(alias, users))
    _insert(alias, Passkey, _passkeys(alias, owners, first))


def _name(owner: int) -> str:
    return f"user-{owner:07}"


def _handle(owner: int) -> bytes:
    return hashlib.sha512(str(owner).encode()).digest()


def _credential_id(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def _users(alias: str, owners: Iterable[int]) -> Iterator[dict[str, Any]]:
    row = _prepared(alias, User(password="!", first_name="A", last_name="User"))
    for owner in owners:
        yield {**row, "id": owner, "username": _name(owner)}


def _handles(alias: str, owners: Iterable[int]) -> Iterator[dict[str, Any]]:
    for owner in owners:
        yield {"user_id": owner, "handle": _handle(owner)}


def _passkeys(alias: str, owners: Iterable[int], first: int) -> Iterator[dict[str, Any]]:
    template = Passkey(
        created_at=timezone.now(),
        credential_id=b"",
        credential_key=UUID(int=0),
        public_key=cose_public_key(_KEY),
        rp_id=RP_ID,
        transports=["hybrid", "internal"],
        backup_eligible=True,
        backup_state=True,
        user_verified=True,
        discoverable=True,
    )
    row = _prepared(alias, template)
    del row["id"]
    (key_field,) = (f for f in Passkey._meta.concrete_fields if f.name == "credential_key")
    for number, owner in enumerate(owners, start=first):
        credential_id = _credential_id(number)
        key = key_field.get_db_prep_save(short_key(credential_id), connections[alias])
        yield {
            **row,
            "user_id": owner,
            "aaguid": AAGUIDS[number % len(AAGUIDS)],
            "credential_id": credential_id,
            "credential_key": key,
        }


def _prepared(alias: str, row: models.Model) -> dict[str, Any]:
    """Return the columns of a row as the database's driver takes them."""
    return {
        str(field.column): field.get_db_prep_save(getattr(row, field.attname), connections[alias])
        for field in row._meta.concrete_fields
    }


def _insert(alias: str, model: type[models.Model], rows: Iterator[dict[str, Any]]) -> None:
    connection = connections[alias]
    table = connection.ops.quote_name(model._meta.db_table)
    while batch := list(islice(rows, _BATCH)):
        names = ", ".join(map(connection.ops.quote_name, batch[0]))
        values = [tuple(row.values()) for row in batch]
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for line in values:
                        copy.write_row(line)
            else:
                places = ", ".join(["%s"] * len(values[0]))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", values)
