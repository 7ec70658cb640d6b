"""Bytes as text and as keys, and text as JSON: each in the one strict spelling that its specification has."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import uuid
from typing import Any, NoReturn

_MAX_CONTAINERS = 500  # in one JSON text; a browser's answer has about ten
MAX_SHOWN = 100  # characters of a text that a client sent, in a log


def to_base64url(value: bytes) -> str:
    """Encode bytes as base64url without padding (WebAuthn L3 §3).

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


def from_json(text: str) -> Any:
    """Parse JSON without the numbers that Python adds to it, ``NaN`` and the infinities (RFC 8259 §6).

    :param text: JSON. Text and not bytes, which would be guessed to be UTF-16 or UTF-32 as well.
    :raises ValueError: if it is anything else, or holds more lists and objects than any browser sends.
    """
    # How deep Python's parser goes depends on its version. Nothing that passes here is so deep.
    if text.count("[") + text.count("{") > _MAX_CONTAINERS:
        raise ValueError("too many lists and objects")
    return json.loads(text, parse_constant=_refuse_constant)


def short_key(value: bytes) -> uuid.UUID:
    """Return a key of 16 bytes for a value that is too long, or too odd, for an index.

    :param value: any bytes.
    """
    # Version bits are set because MariaDB's UUID type refuses other shapes.
    return uuid.UUID(bytes=hashlib.sha256(value).digest()[:16], version=4)


def shown(value: object) -> str:
    """Return what a client sent as a log may have it: quoted, in ASCII without control characters, and cut short.

    :param value: anything; if it is not text, only its type is told.
    """
    if not isinstance(value, str):
        return "missing" if value is None else f"of the type {type(value).__name__}"
    quoted = ascii(value[:MAX_SHOWN])
    whole = len(value) <= MAX_SHOWN and len(quoted) <= MAX_SHOWN + len("''")
    return quoted if whole else f"{quoted[:MAX_SHOWN]}..."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
