"""JSON lines: one passkey in each, as docs/reference/passkeys.schema.json describes them.

The import reads them: from this app's own export, or from anything else that can write a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import router
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ..encoding import from_base64url, from_json
from .records import YEARS, Left, Owned, Record, Unreadable

NAME = "json"
MAX_LINE = 65_536  # bytes; a passkey with the longest ID and key has about 8 000
_REQUIRED = {"user", "user_handle", "credential_id", "public_key", "rp_id"}
_OPTIONAL: dict[str, tuple[type, ...]] = {
    "user_handle_is_random": (bool,),
    "user_handle_candidates": (list,),
    "sign_count": (int,),
    "aaguid": (str,),
    "transports": (list,),
    "backup_eligible": (bool,),
    "backup_state": (bool,),
    "user_verified": (bool,),
    "discoverable": (bool,),
    "second_step_only": (bool,),
    "enabled": (bool,),
    "name": (str,),
    "number": (int,),
    "created_at": (str,),
    "last_used_at": (str,),
    "sign_count_fell_at": (str,),
}
MEMBERS = (*sorted(_REQUIRED), *_OPTIONAL)


class JsonLines:
    """A file of JSON lines. Lines of one user that stand together are one transaction.

    :param file: the file, opened for reading bytes.
    :param rp_id: the RP ID of lines that have none.
    """

    name = NAME

    def __init__(self, file: IO[bytes], rp_id: str | None = None) -> None:
        self.file = file
        self.rp_id = rp_id

    def says_owners(self) -> bool:
        """Say whether each line says whose it is, and go back to the beginning.

        One that does not may be anybody's, so nobody's passkeys are all here.

        :raises OSError: if the file cannot be read twice.
        """
        begins = self.file.tell()
        says = all(name is not None for _, name, _ in self._lines())
        self.file.seek(begins)
        return says

    def owned(self, users: Iterable[Any] | None = None) -> Iterator[Owned]:
        """Yield what the file has, user by user.

        :param users: whose lines to read; None for all.
        """
        wanted = None if users is None else {str(user.get_username()) for user in users}
        for name, group in groupby(self._lines(), key=lambda line: line[1]):
            if name is None:
                if wanted is None:
                    left = tuple(one for _, _, one in group if isinstance(one, Left))
                    yield Owned(user=None, name="", left=left)
            elif wanted is None or name in wanted:
                yield self._owned(name, [(label, one) for label, _, one in group])

    def _lines(self) -> Iterator[tuple[str, str | None, dict[str, Any] | Left]]:
        """Yield each line: what it is called, the name of its user, and what it holds."""
        number = 0
        while line := self.file.readline(MAX_LINE + 1):
            number += 1
            label = f"line {number}"
            try:
                if len(line) > MAX_LINE:
                    while line and not line.endswith(b"\n"):
                        line = self.file.readline(MAX_LINE)
                    raise Unreadable("the line is too long")
                if not line.strip():
                    continue
                value = _object(line)
                yield label, _owner(value), value
            except Unreadable as error:
                yield label, None, Left(row=label, reason=error.reason)

    def _owned(self, name: str, group: list[tuple[str, Any]]) -> Owned:
        user = _user(name)
        if user is None:
            missing = [Left(row=label, reason="there is no such user") for label, _ in group]
            return Owned(user=None, name=name, left=tuple(missing))
        records, left = [], []
        for label, value in group:
            handles: tuple[bytes, ...] = ()
            try:
                _require_members(value)
                handles = _handles(value)
                records.append(self._record(label, value, handles))
            except Unreadable as error:
                left.append(Left(row=label, reason=error.reason, handles=handles))
        return Owned(user=user, name=name, records=tuple(records), left=tuple(left))

    def _record(self, label: str, value: dict[str, Any], handles: tuple[bytes, ...]) -> Record:
        verified, second = value.get("user_verified"), value.get("second_step_only")
        rp_id = value["rp_id"] or self.rp_id
        return Record(
            row=label,
            handles=handles,
            handle_is_certain=value["user_handle"] is not None,
            handle_is_random=value.get("user_handle_is_random") is True,
            credential_id=_bytes(value, "credential_id"),
            public_key=_bytes(value, "public_key"),
            sign_count=value.get("sign_count") or 0,
            aaguid=value.get("aaguid"),
            transports=value.get("transports"),
            backup_eligible=value.get("backup_eligible"),
            backup_state=value.get("backup_state"),
            user_verified=verified,
            discoverable=value.get("discoverable"),
            # Where nothing says that it verified its user, it has to do so after a password first.
            second_step_only=second if second is not None else verified is not True,
            rp_ids=(rp_id,) if rp_id else (),
            name=value.get("name") or "",
            number=value.get("number"),
            created_at=_moment(value, "created_at"),
            last_used_at=_moment(value, "last_used_at"),
            sign_count_fell_at=_moment(value, "sign_count_fell_at"),
            enabled=value.get("enabled") is not False,
        )


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = from_json(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("the line is not JSON in UTF-8") from error
    if not isinstance(value, dict):
        raise Unreadable("the line is no JSON object")
    return value


def _owner(value: dict[str, Any]) -> str:
    user = value.get("user")
    if not isinstance(user, str):
        raise Unreadable("the line does not say whose it is: user is not text")
    return user


def _require_members(value: dict[str, Any]) -> None:
    """Refuse what lacks a member, has an unknown one, or one of another type than it must have."""
    if lacking := sorted(_REQUIRED - set(value)):
        raise Unreadable(f"members are missing: {', '.join(lacking)}")
    if unknown := sorted(set(value) - set(MEMBERS)):
        raise Unreadable(f"members are unknown: {', '.join(map(ascii, unknown))}")
    kinds = {**dict.fromkeys(_REQUIRED, (str,)), **_OPTIONAL}
    for name, member in value.items():
        # To Python a truth value is a number.
        if member is not None and type(member) not in kinds[name]:
            raise Unreadable(f"{name} has a foreign type")


def _handles(value: dict[str, Any]) -> tuple[bytes, ...]:
    if value["user_handle"] is not None:
        return (_bytes(value, "user_handle"),)
    try:
        return tuple(map(from_base64url, value.get("user_handle_candidates") or ()))
    except ValueError as error:
        raise Unreadable("user_handle_candidates are not base64url") from error


def _bytes(value: dict[str, Any], name: str) -> bytes:
    try:
        return from_base64url(value[name])
    except ValueError as error:
        raise Unreadable(f"{name} is not base64url") from error


def _moment(value: dict[str, Any], name: str) -> datetime | None:
    text = value.get(name)
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:  # a day that does not exist
        moment = None
    if moment is None or timezone.is_naive(moment) or moment.year not in YEARS:
        raise Unreadable(f"{name} is not a time with its zone")
    return moment if settings.USE_TZ else timezone.make_naive(moment)


def _user(name: str) -> Any:
    # What some databases refuse to look for: NUL, and halves of surrogate pairs.
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in name):
        return None
    model = get_user_model()
    users = model._default_manager.db_manager(router.db_for_write(model))
    try:
        return users.get_by_natural_key(name)
    # If the model's field is a UUID or a number, other text names no user.
    except (model.DoesNotExist, model.MultipleObjectsReturned, ValidationError, ValueError):
        return None
