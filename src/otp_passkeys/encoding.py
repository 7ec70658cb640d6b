"""Bytes as text and as keys: strict base64url without padding (WebAuthn L3 §3), and short keys for indexes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid


def to_base64url(value: bytes) -> str:
    """Encode bytes.

    :param value: any bytes.
    """
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def from_base64url(value: object) -> bytes:
    """Decode the one spelling that :func:`to_base64url` writes.

    Python's decoder skips foreign characters and stray bits, so that many texts would stand for the same bytes.

    :param value: unpadded base64url text.
    :raises ValueError: if it is anything else.
    """
    if not isinstance(value, str):
        raise ValueError("not a string")
    try:
        decoded = base64.urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("not base64url") from error
    if to_base64url(decoded) != value:
        raise ValueError("not canonical base64url")
    return decoded


def short_key(value: bytes) -> uuid.UUID:
    """Return a key of 16 bytes for a value that is too long, or too odd, for an index.

    :param value: any bytes.
    """
    # Version bits are set because MariaDB's UUID type refuses other shapes.
    return uuid.UUID(bytes=hashlib.sha256(value).digest()[:16], version=4)
