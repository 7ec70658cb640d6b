"""Write the bytes of a ceremony: base64url, client data, authenticator data, attestation object.

Nothing is shared with the code under test, so that an error there cannot hide itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import cbor2

USER_PRESENT = 0x01
USER_VERIFIED = 0x04
BACKUP_ELIGIBLE = 0x08
BACKUP_STATE = 0x10
ATTESTED_CREDENTIAL_DATA = 0x40
EXTENSION_DATA = 0x80

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def to_base64url(value: bytes) -> str:
    """Encode bytes as unpadded base64url, the form of every buffer in WebAuthn's JSON."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def from_base64url(value: object) -> bytes:
    """Decode unpadded base64url as strictly as a browser does.

    :raises TypeError: if it is not a string, or has padding, `+`, `/` or other characters.
    """
    if not isinstance(value, str) or not _BASE64URL.fullmatch(value) or len(value) % 4 == 1:
        raise TypeError(f"Not a string of unpadded base64url: {value!r}")
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def cbor(value: object) -> bytes:
    """Encode a value in the CTAP2 canonical CBOR encoding form (CTAP 2.1 §8)."""
    return cbor2.dumps(value, canonical=True)


def client_data_json(members: Mapping[str, Any]) -> bytes:
    """Serialise client data without spaces and in the given order (WebAuthn L3 §5.8.1.1)."""
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()


def authenticator_data(
    *,
    rp_id: str,
    flags: int,
    sign_count: int,
    attested_credential_data: bytes = b"",
    extensions: Mapping[str, Any] | None = None,
) -> bytes:
    """Write authenticator data (WebAuthn L3 §6.1).

    The flags for attested credential data and extension data are added where there is any.

    :param rp_id: the RP ID, in clear.
    :param flags: one byte.
    :param sign_count: an unsigned 32-bit integer.
    :param attested_credential_data: as `attested_credential_data()` returns it.
    :param extensions: extension outputs, None for none.
    """
    if attested_credential_data:
        flags |= ATTESTED_CREDENTIAL_DATA
    if extensions is not None:
        flags |= EXTENSION_DATA
    return b"".join(
        [
            hashlib.sha256(rp_id.encode()).digest(),
            flags.to_bytes(1, "big"),
            sign_count.to_bytes(4, "big"),
            attested_credential_data,
            b"" if extensions is None else cbor(dict(extensions)),
        ]
    )


def attested_credential_data(*, aaguid: bytes, credential_id: bytes, public_key: bytes) -> bytes:
    """Write attested credential data (WebAuthn L3 §6.5.1).

    :param aaguid: 16 bytes.
    :param credential_id: at most 65535 bytes.
    :param public_key: a COSE key in CBOR.
    """
    return aaguid + len(credential_id).to_bytes(2, "big") + credential_id + public_key


def attestation_object(
    *, fmt: str, statement: Mapping[str, Any], authenticator_data: bytes
) -> bytes:
    """Write an attestation object (WebAuthn L3 §6.5.4).

    :param fmt: name of the attestation statement format.
    :param statement: the attestation statement, empty for `none`.
    :param authenticator_data: as `authenticator_data()` returns it.
    """
    return cbor({"fmt": fmt, "attStmt": dict(statement), "authData": authenticator_data})
