"""What an import would do to one user: decided here, and written elsewhere unless it is a dry run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ..encoding import short_key, to_base64url
from ..models import Passkey
from ..numbering import next_number
from .judging import columns
from .records import Left, Owned, Record, Unreadable
from .stored import Stored, credential_key

# A handle that new passkeys get must not be guessable; a UUID written as text has 36.
_RANDOM_LENGTH = 16  # bytes
_LARGEST_NUMBER = 2**31 - 1  # that the column holds on every database


@dataclass(frozen=True)
class Rules:
    """How an import goes.

    :param finish: whether the lists of handles without a row that was left may be signalled from now on.
    :param restore: whether what was deleted or switched off here comes back.
    :param refuse_foreign: whether a handle that is another account's own refuses the row. A package's own tables
        cannot hold one by mistake; a file can.
    """

    finish: bool = False
    restore: bool = False
    refuse_foreign: bool = False


@dataclass(kw_only=True)
class Plan:
    """What an import writes for one user.

    :param taken: the passkeys to insert, and when each was made.
    :param noted: the keys of the credentials that this import has taken.
    :param switched_on: the keys of those that are here and to be switched on.
    :param here: how many were here already.
    :param deleted: how many were deleted here since they were taken, and are not brought back.
    :param account_handle: the random handle that becomes the account's.
    :param handles: the imported handles, as RP ID and bytes: True if no row was left, False if one was, None if that
        is not to change.
    :param filled: those of which a passkey is inserted.
    :param left: the rows that are not taken.
    :param notes: what was changed in rows that are taken.
    """

    user: Any
    name: str
    taken: list[tuple[Passkey, datetime | None]] = field(default_factory=list)
    noted: set[UUID] = field(default_factory=set)
    switched_on: list[UUID] = field(default_factory=list)
    here: int = 0
    deleted: int = 0
    account_handle: bytes | None = None
    handles: dict[tuple[str, bytes], bool | None] = field(default_factory=dict)
    filled: set[tuple[str, bytes]] = field(default_factory=set)
    left: list[Left] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plan(owned: Owned, stored: Stored, rules: Rules, earlier: Sequence[Left] = ()) -> Plan:
    """Decide what becomes of each row of a user; every one that can be taken is.

    :param owned: what the source has.
    :param stored: what is here. It is changed to what will be here.
    :param rules: how the import goes.
    :param earlier: what was left of the user before: the lines of a file may be in any order.
    """
    made = Plan(user=owned.user, name=owned.name, left=list(owned.left))
    for record in owned.records:
        try:
            _take(record, made, stored, rules)
        except Unreadable as error:
            made.left.append(
                Left(
                    row=record.row,
                    reason=error.reason,
                    handles=record.handles,
                    is_listed=error.is_listed,
                )
            )
    if owned.user is not None:
        _judge_handles(made, [*earlier, *made.left], stored, rules)
    return made


def _take(record: Record, made: Plan, stored: Stored, rules: Rules) -> None:
    key, user = credential_key(record), made.user
    owner, is_on = stored.owners.get(key, (None, False))
    if owner is None and key in stored.imported and not rules.restore:
        made.deleted += 1
        for row in stored.imported_handles.get(user.pk, []):
            if bytes(row.handle) in record.handles:
                _note_handles(made, row.rp_id, [bytes(row.handle)])
        return
    if owner not in (None, user.pk):
        raise Unreadable("another account has this credential ID")
    if rules.refuse_foreign and any(
        stored.foreign.get(handle, user.pk) != user.pk for handle in record.handles
    ):
        raise Unreadable("the user handle belongs to another account")
    if owner is None:
        _add(record, made, stored)
    else:
        made.here += 1
        if rules.restore and record.enabled and not is_on:
            made.switched_on.append(key)
        here = next(one for one in stored.passkeys[user.pk] if one.credential_key == key)
        _note_handles(made, here.rp_id, record.handles)
    if key not in stored.imported:
        made.noted.add(key)
        stored.imported.add(key)


def _add(record: Record, made: Plan, stored: Stored) -> None:
    """Plan to insert a passkey."""
    values, note = columns(record)
    account = made.account_handle
    if made.user.pk in stored.account_handles:
        account = bytes(stored.account_handles[made.user.pk].handle)
    if account is None and record.handle_is_random and len(record.handles[0]) >= _RANDOM_LENGTH:
        account = made.account_handle = record.handles[0]
        stored.foreign[account] = made.user.pk
    if record.handle_is_certain:
        values["handle"] = None if record.handles[0] == account else record.handles[0]
    else:
        values["handle_candidates"] = list(map(to_base64url, record.handles))
    passkey = Passkey(user=made.user, credential_key=short_key(record.credential_id), **values)
    others = stored.passkeys.setdefault(made.user.pk, [])
    passkey.number = _number(passkey, record.number, others)
    others.append(passkey)
    stored.owners[passkey.credential_key] = (made.user.pk, passkey.confirmed)
    made.taken.append((passkey, passkey.created_at))
    _note_handles(made, passkey.rp_id, record.handles)
    made.filled.update((passkey.rp_id, handle) for handle in record.handles)
    if note:
        made.notes.append(f"{record.row}: {note}")


def _number(passkey: Passkey, wanted: int | None, others: list[Passkey]) -> int:
    """Return the number that it had, if no other has that; else the next one of its name."""
    taken = {other.number for other in others if other.plain_name == passkey.plain_name}
    if wanted is not None and 0 < wanted <= _LARGEST_NUMBER and wanted not in taken:
        return wanted
    return next_number(passkey.plain_name, others)


def _note_handles(made: Plan, rp_id: str, handles: Iterable[bytes]) -> None:
    for handle in handles:
        made.handles.setdefault((rp_id, handle), None)


def _judge_handles(made: Plan, left: Iterable[Left], stored: Stored, rules: Rules) -> None:
    """Say of each handle whether its list would be whole: what a list leaves out, browsers delete."""
    gaps = [one for one in left if one.is_listed]
    lacking = {handle for gap in gaps for handle in gap.handles}
    is_anywhere = any(not gap.handles for gap in gaps)  # it may be under any handle
    for rp_id in {passkey.rp_id for passkey in stored.passkeys.get(made.user.pk, [])}:
        _note_handles(made, rp_id, lacking)
    for row in stored.imported_handles.get(made.user.pk, []):
        if is_anywhere or bytes(row.handle) in lacking:
            _note_handles(made, row.rp_id, [bytes(row.handle)])
    for place in made.handles:
        if is_anywhere or place[1] in lacking:
            made.handles[place] = False
        elif rules.finish:
            made.handles[place] = True
