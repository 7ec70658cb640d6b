"""What is here already of some users and their records, read with a few statements for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import router
from django.db.models import Q

from ..encoding import short_key
from ..models import ImportedCredential, ImportedHandle, Passkey, UserHandle
from .records import Owned, Record


def using() -> str:
    """Return the alias of the database that passkeys are written to."""
    return router.db_for_write(Passkey)


def credential_key(record: Record) -> UUID:
    """Return the key that a passkey is found by."""
    return short_key(record.credential_id)


@dataclass
class Stored:
    """What is here of one batch. It is kept up to date while the batch is worked through.

    :param owners: the key of the owner and whether it is switched on, by the key of each credential that is here.
    :param imported: the keys of the credentials that an import has taken before.
    :param passkeys: the passkeys of each user.
    :param account_handles: the row of the account's own handle, by user.
    :param imported_handles: the rows of imported handles, by user.
    :param foreign: the accounts' own handles, by their bytes: the key of the user whose own it is.
    """

    owners: dict[UUID, tuple[Any, bool]] = field(default_factory=dict)
    imported: set[UUID] = field(default_factory=set)
    passkeys: dict[Any, list[Passkey]] = field(default_factory=dict)
    account_handles: dict[Any, UserHandle] = field(default_factory=dict)
    imported_handles: dict[Any, list[ImportedHandle]] = field(default_factory=dict)
    foreign: dict[bytes, Any] = field(default_factory=dict)


def stored(batch: Sequence[Owned], *, with_foreign: bool) -> Stored:
    """Read what is here of a batch.

    :param batch: what a source has of some users.
    :param with_foreign: whether to look for accounts whose own handle is one of the batch. There is no index for it.
    """
    users = [one.user.pk for one in batch if one.user is not None]
    records = [record for one in batch for record in one.records]
    keys = list(map(credential_key, records))
    found = Stored(
        imported=set(
            ImportedCredential.objects.using(using())
            .filter(pk__in=keys)
            .values_list("pk", flat=True)
        ),
        foreign=_foreign(records) if with_foreign else {},
    )
    rows = Passkey.objects.using(using())
    for passkey in rows.filter(Q(user_id__in=users) | Q(credential_key__in=keys)):
        found.passkeys.setdefault(passkey.user_id, []).append(passkey)
        found.owners[passkey.credential_key] = (passkey.user_id, passkey.confirmed)
    for account in UserHandle.objects.using(using()).filter(pk__in=users):
        found.account_handles[account.pk] = account
    for imported in ImportedHandle.objects.using(using()).filter(user_id__in=users):
        found.imported_handles.setdefault(imported.user_id, []).append(imported)
    return found


def _foreign(records: Sequence[Record]) -> dict[bytes, Any]:
    handles = {handle for record in records for handle in record.handles}
    rows = UserHandle.objects.using(using()).filter(handle__in=handles)
    return {bytes(handle): owner for owner, handle in rows.values_list("pk", "handle")}
