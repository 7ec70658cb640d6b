"""What every source is read into: the credential record of WebAuthn L3 §4, and what else is kept of a passkey."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# Outside of these years databases and time zones have limits, at which pages would fail.
YEARS = range(1971, 3000)


class Unreadable(Exception):
    """A row that cannot be taken.

    :param reason: what the report says of it.
    :param is_listed: see :class:`Left`.
    """

    def __init__(self, reason: str, *, is_listed: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_listed = is_listed


@dataclass(frozen=True, kw_only=True)
class Record:
    """A passkey as a source has it. Nothing in it is judged yet.

    :param row: what the report calls it, such as ``WebAuthnCredential 17``.
    :param handles: the user handle that its authenticator keeps, or those that it may be.
    :param handle_is_certain: whether it is known to be the one in ``handles``.
    :param handle_is_random: whether the first handle cannot be guessed: then it may become the account's.
    :param public_key: a COSE key.
    :param transports: a list, or whatever the source has instead.
    :param backup_eligible: the flag BE; None where the source does not say.
    :param backup_state: the flag BS; None where the source does not say.
    :param user_verified: whether it ever verified its user; None where the source does not say.
    :param discoverable: whether its authenticator lists it; None where the source does not say.
    :param second_step_only: whether it must not sign in alone.
    :param rp_ids: the RP ID that it was made for, or those that it may be. Empty where the source does not say.
    :param rp_id_hash: the SHA-256 of the RP ID, which chooses one of ``rp_ids``.
    :param number: which of the passkeys of its name it is, if that is known.
    """

    row: str
    handles: tuple[bytes, ...] = field(repr=False)
    handle_is_certain: bool = True
    handle_is_random: bool = False
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int = 0
    aaguid: str | None = None
    transports: object = ()
    backup_eligible: bool | None = None
    backup_state: bool | None = None
    user_verified: bool | None = None
    discoverable: bool | None = None
    second_step_only: bool
    rp_ids: tuple[str, ...]
    rp_id_hash: bytes | None = field(default=None, repr=False)
    name: str = ""
    number: int | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    sign_count_fell_at: datetime | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class Left:
    """A row that is not taken.

    :param row: what the report calls it.
    :param reason: why, as one line of the report.
    :param handles: the user handles under which its authenticator may have it.
    :param is_listed: whether a list of accepted passkeys that lacks it could delete it. A row of another RP ID, or one
        that is no WebAuthn credential, is in no list.
    """

    row: str
    reason: str
    handles: tuple[bytes, ...] = field(default=(), repr=False)
    is_listed: bool = True


@dataclass(frozen=True, kw_only=True)
class Owned:
    """What a source has of one user.

    :param user: the user; None if there is none of that name.
    :param name: what the report calls the user.
    :param records: the rows that were read.
    :param left: the rows that could not be read.
    """

    user: Any
    name: str
    records: tuple[Record, ...] = ()
    left: tuple[Left, ...] = ()
