"""The nonce of a client without cookies: its hash comes when an exchange begins, the nonce itself when it ends.

As the code verifier of PKCE, and in the same spelling, so that libraries which make one fit (RFC 7636 §4.1, §4.2).
"""

from __future__ import annotations

import hashlib
import re

from .encoding import from_base64url, to_base64url
from .exceptions import MalformedRequest

_NONCE = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # 43 characters of base64url are 32 bytes
_HASH_LENGTH = 32


def read_hash(value: object) -> str:
    """Return the hash of a nonce, as a client sends it.

    :param value: the SHA-256 of the nonce in base64url, 43 characters.
    :raises MalformedRequest: if it is anything else.
    """
    try:
        digest = from_base64url(value)
    except ValueError as error:
        raise MalformedRequest("nonce_hash is not base64url") from error
    if len(digest) != _HASH_LENGTH:
        raise MalformedRequest("nonce_hash is no SHA-256")
    return to_base64url(digest)


def hash_of(nonce: object) -> str:
    """Return the hash of a nonce that a client sends.

    :param nonce: 43 to 128 letters, digits and ``-._~``.
    :raises MalformedRequest: if it is anything else.
    """
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise MalformedRequest("nonce is not 43 to 128 letters, digits and -._~")
    return to_base64url(hashlib.sha256(nonce.encode("ascii")).digest())
