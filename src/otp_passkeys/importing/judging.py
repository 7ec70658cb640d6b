"""What a registration would have checked of a passkey, asked of a record."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from ..cbor import end_of_map
from ..ceremonies import require_sound_key
from ..conf import conf
from ..credentials import CREDENTIAL_ID_MAX_LENGTH, sane_transports
from ..exceptions import VerificationFailed
from ..models import HANDLE_LENGTH
from ..nicknames import clean_nickname, nearest_nickname
from ..relying_party import is_used
from .records import YEARS, Record, Unreadable

_RP_ID_MAX_LENGTH = 253  # characters of a domain (RFC 1035)
_MOMENTS = ("created_at", "last_used_at", "sign_count_fell_at")
_LARGEST_COUNT = 2**32 - 1  # WebAuthn L3 §6.1


def columns(record: Record) -> tuple[dict[str, Any], str]:
    """Return the columns of a passkey, and what had to be changed.

    The handle is not among them: which one is the account's is judged for all records of a user.

    :param record: what a source has.
    :raises Unreadable: if a registration would have refused it.
    """
    rp_id = _rp_id(record)
    if not 0 < len(record.credential_id) <= CREDENTIAL_ID_MAX_LENGTH:
        raise Unreadable("the credential ID is empty or too long")
    if not record.handles or not all(0 < len(one) <= HANDLE_LENGTH for one in record.handles):
        raise Unreadable("the user handle is not known, empty or too long")
    if type(record.sign_count) is not int or not 0 <= record.sign_count <= _LARGEST_COUNT:
        raise Unreadable("the sign count is not a number of 32 bits")
    _require_key(record.public_key)
    nickname, of_name = _nickname(record.name)
    moments, of_moments = _moments(record)
    # One that is backed up can be: the flag BE was not kept rather than off.
    is_known = record.backup_eligible is True or not record.backup_state
    return {
        "rp_id": rp_id,
        "credential_id": record.credential_id,
        "public_key": record.public_key,
        "sign_count": record.sign_count,
        "aaguid": _aaguid(record.aaguid),
        "transports": sane_transports(record.transports),
        "backup_eligible": record.backup_eligible if is_known else None,
        "backup_state": bool(record.backup_eligible and record.backup_state),
        "user_verified": record.user_verified is True,
        "discoverable": record.discoverable,
        "second_step_only": record.second_step_only,
        "nickname": nickname,
        "confirmed": record.enabled,
        **moments,
    }, ", ".join(note for note in (of_name, of_moments) if note)


def _rp_id(record: Record) -> str:
    """Return the RP ID that the hash is of; without one, the one that was named."""
    if record.rp_id_hash is None:
        found = list(record.rp_ids[:1])
        if not found:
            raise Unreadable("the RP ID is not known: name it with --rp-id")
    else:
        named = [*record.rp_ids, *([conf.OTP_PASSKEYS_RP_ID] if conf.OTP_PASSKEYS_RP_ID else [])]
        found = [one for one in named if _hash(one) == record.rp_id_hash]
        if not found:
            raise Unreadable("the RP ID is of another domain", is_listed=False)
    if not found[0].isascii() or len(found[0]) > _RP_ID_MAX_LENGTH:
        raise Unreadable("the RP ID is not a domain", is_listed=False)
    if not is_used(found[0]):
        raise Unreadable(f"the RP ID is of another domain: {found[0]}", is_listed=False)
    return found[0]


def _hash(rp_id: str) -> bytes:
    # An origin may be any text, of which half of a surrogate pair has no bytes.
    return hashlib.sha256(rp_id.encode(errors="replace")).digest()


def _require_key(public_key: bytes) -> None:
    try:
        end = end_of_map(public_key)  # before anything decodes it
    except ValueError as error:
        raise Unreadable("no public key can be read from it") from error
    if end != len(public_key):
        raise Unreadable("bytes follow the public key")
    try:
        require_sound_key(public_key)
    except VerificationFailed as error:
        raise Unreadable(error.reason) from error


def _nickname(name: str) -> tuple[str, str]:
    try:
        return clean_nickname(name), ""
    except ValidationError:
        nearest = nearest_nickname(name)
        return nearest, "the name was shortened or cleaned" if nearest else "the name was dropped"


def _moments(record: Record) -> tuple[dict[str, datetime | None], str]:
    """Return when it was made and used, without what no page could show."""
    moments = {name: getattr(record, name) for name in _MOMENTS}
    senseless = [name for name, moment in moments.items() if moment and moment.year not in YEARS]
    return moments | dict.fromkeys(senseless), "a date was dropped" if senseless else ""


def _aaguid(text: str | None) -> str | None:
    """Return an AAGUID in its canonical spelling, or None for any other text, which says nothing about the provider."""
    try:
        return str(UUID(text)) if text else None
    except (AttributeError, TypeError, ValueError):
        return None
