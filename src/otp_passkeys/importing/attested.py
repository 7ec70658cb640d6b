"""What an authenticator said when a passkey was made, read from the bytes that other programs kept of it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from uuid import UUID

from .. import credentials
from ..cbor import end_of_map
from ..credentials import FIXED_LENGTH, Flag
from ..exceptions import VerificationFailed
from .records import Unreadable

_ID_BEGINS = 18  # after the AAGUID, and two bytes with the length of the credential ID


@dataclass(frozen=True)
class AttestedCredential:
    """Attested credential data (WebAuthn L3 §6.5.1)."""

    aaguid: str
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)


@dataclass(frozen=True)
class AuthenticatorData:
    """What the authenticator data of a registration say (WebAuthn L3 §6.1)."""

    credential: AttestedCredential
    rp_id_hash: bytes = field(repr=False)
    sign_count: int
    user_verified: bool
    backup_eligible: bool
    backup_state: bool


def attested_credential(data: bytes) -> AttestedCredential:
    """Read attested credential data; what follows the public key are extensions.

    :param data: AAGUID, length, credential ID and COSE key, one after the other.
    :raises Unreadable: if they are anything else.
    """
    ends = _ID_BEGINS + int.from_bytes(data[_ID_BEGINS - 2 : _ID_BEGINS], "big")
    try:
        key_ends = end_of_map(data, ends)
    except ValueError as error:
        raise Unreadable("no public key can be read from it") from error
    return AttestedCredential(
        aaguid=str(UUID(bytes=data[:16])),
        credential_id=data[_ID_BEGINS:ends],
        public_key=data[ends:key_ends],
    )


def authenticator_data(attestation_object: bytes) -> AuthenticatorData:
    """Read an attestation object (WebAuthn L3 §6.5.4); its statement is not verified again.

    :param attestation_object: as ``navigator.credentials.create()`` gave it.
    :raises Unreadable: if it is anything else.
    """
    try:
        data = credentials.attestation_object(attestation_object).authenticator_data
    except VerificationFailed as error:
        raise Unreadable(error.reason) from error
    flags = data[32]
    if not flags & Flag.AT:
        raise Unreadable("no public key can be read from it")
    return AuthenticatorData(
        credential=attested_credential(data[FIXED_LENGTH:]),
        rp_id_hash=data[:32],
        sign_count=int.from_bytes(data[33:FIXED_LENGTH], "big"),
        user_verified=bool(flags & Flag.UV),
        backup_eligible=bool(flags & Flag.BE),
        backup_state=bool(flags & Flag.BS),
    )


def decoded(text: object) -> bytes:
    """Decode base64url as other programs write it: with padding or without.

    :param text: what stands in a column.
    :raises Unreadable: if it is anything else.
    """
    if not isinstance(text, str):
        raise Unreadable("what should be base64url is missing")
    try:
        bare = text.rstrip("=")
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars="-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Unreadable("what should be base64url is something else") from error
