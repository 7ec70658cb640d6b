"""Writing what was planned: one transaction for each user, without a mail, a signal or a sync for anybody."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import DatabaseError, connections, transaction

from ..models import (
    HANDLE_LENGTH,
    ImportedCredential,
    ImportedHandle,
    Passkey,
    UserHandle,
    handle_key,
)
from .planning import Plan, Rules, plan
from .records import Left, Owned
from .stored import Stored, stored, using

USERS_AT_ONCE = 200


def take(owned: Iterable[Owned], rules: Rules, *, dry_run: bool = False) -> Iterator[Plan]:
    """Take what a source has, and yield what was done for each user once it is committed.

    :param owned: what the source has, user by user.
    :param rules: how the import goes.
    :param dry_run: whether to say what would be done, and write nothing.
    """
    source = iter(owned)
    gaps: dict[Any, list[Left]] = {}  # a user of a file may come twice
    while batch := list(islice(source, USERS_AT_ONCE)):
        here = stored(batch, with_foreign=rules.refuse_foreign)
        for one in batch:
            key = None if one.user is None else one.user.pk
            made = plan(one, here, rules, gaps.get(key, ()))
            done = made if dry_run else _written(made, here)
            if key is not None and (left := [gap for gap in done.left if gap.is_listed]):
                gaps.setdefault(key, []).extend(left)
            if done is not made:  # nothing of the plan was written
                here = stored(batch, with_foreign=rules.refuse_foreign)
            yield done


def _written(made: Plan, here: Stored) -> Plan:
    """Write a plan, or return one that says why none of it could be written."""
    if made.user is None:
        return made
    rows = here.imported_handles.setdefault(made.user.pk, [])
    handles = _changed(made, rows)
    if not (made.taken or made.noted or made.switched_on or handles):
        return made
    try:
        with transaction.atomic(using=using()):
            account = _write(made, here.account_handles.get(made.user.pk), handles)
    except DatabaseError as error:
        if not connections[using()].in_atomic_block:
            connections[using()].close_if_unusable_or_obsolete()
        reason = (
            f"the database refused what was to be written for this user ({type(error).__name__})"
        )
        refused = Left(row="all rows", reason=reason)
        return Plan(user=made.user, name=made.name, left=[*made.left, refused])
    # For lines of the same user further down.
    here.account_handles[made.user.pk] = account
    rows += [row for row in handles if row not in rows]
    return made


def _changed(made: Plan, rows: list[ImportedHandle]) -> list[ImportedHandle]:
    """Return the rows of imported handles that are new or say something else than before."""
    known = {row.key: row for row in rows}
    changed = []
    for (rp_id, handle), is_whole in made.handles.items():
        key = handle_key(rp_id, handle)
        row = known.get(key) or ImportedHandle(user=made.user, rp_id=rp_id, handle=handle, key=key)
        before = row.complete, row.emptied_at
        row.complete = row.complete if is_whole is None else is_whole
        row.emptied_at = None if (rp_id, handle) in made.filled else row.emptied_at
        if key not in known or before != (row.complete, row.emptied_at):
            changed.append(row)
    return changed


def _write(made: Plan, account: UserHandle | None, handles: list[ImportedHandle]) -> UserHandle:
    # Never save(), which would send signals.
    account = _write_account(made, account)
    Passkey.objects.using(using()).bulk_create([passkey for passkey, _ in made.taken])
    for passkey, created_at in made.taken:
        # The column is set to now by every insert.
        same = Passkey.objects.using(using()).filter(credential_key=passkey.credential_key)
        same.update(created_at=created_at)
    if made.switched_on:
        rows = Passkey.objects.using(using()).filter(credential_key__in=made.switched_on)
        rows.update(confirmed=True)
    noted = [ImportedCredential(credential_key=key, user=made.user) for key in made.noted]
    ImportedCredential.objects.using(using()).bulk_create(noted)
    _write_handles(made, handles)
    return account


def _write_account(made: Plan, account: UserHandle | None) -> UserHandle:
    """Give the account its own handle, and note that it has imported ones; new passkeys get no guessable one."""
    rows = UserHandle.objects.using(using())
    if account is None:
        handle = made.account_handle or secrets.token_bytes(HANDLE_LENGTH)
        account = UserHandle(user=made.user, handle=handle, has_imported_handles=True)
        rows.bulk_create([account])
    elif not account.has_imported_handles or (made.taken and account.emptied_at is not None):
        account.has_imported_handles = True
        account.emptied_at = None if made.taken else account.emptied_at
        rows.filter(pk=account.pk).update(has_imported_handles=True, emptied_at=account.emptied_at)
    return account


def _write_handles(made: Plan, handles: list[ImportedHandle]) -> None:
    rows = ImportedHandle.objects.using(using())
    new = [row for row in handles if row._state.adding]
    for row in handles:
        if row not in new:
            rows.filter(pk=row.pk).update(complete=row.complete, emptied_at=row.emptied_at)
    rows.bulk_create(new)
    keys = [row.key for row in handles]
    shared = rows.filter(key__in=keys).exclude(user=made.user).values_list("key", flat=True)
    if others := set(shared):
        rows.filter(key__in=others).update(shared=True)
