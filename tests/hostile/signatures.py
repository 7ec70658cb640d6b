"""Signatures that do not prove possession of the key, each over or by something else."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from otp_passkeys.testing import from_base64url, to_base64url
from otp_passkeys.testing.keys import PrivateKey

from .case import Case
from .ids import MISSPELT, NOT_TEXT
from .parts import Parts, made, sign

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
Make = Callable[[Parts, bytes], bytes]


@cache
def foreign_keys() -> dict[str, PrivateKey]:
    """Return keys that are not the passkey's, made once in a process."""
    return {
        "another key": ec.derive_private_key(5, ec.SECP256R1()),
        "a key on P-384": ec.derive_private_key(5, ec.SECP384R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32),
        "RSA": rsa.generate_private_key(65537, 2048),
    }


def numbers(change: Callable[[int, int], tuple[int, int]]) -> Make:
    """Change r and s."""

    def make(parts: Parts, good: bytes) -> bytes:
        r, s = change(*decode_dss_signature(good))
        if min(r, s) < 0:
            return der(*(value.to_bytes(33, "big", signed=True) for value in (r, s)))
        return encode_dss_signature(r, s)

    return make


def over(message: Callable[[Parts], bytes], digest: hashes.HashAlgorithm | None = None) -> Make:
    """Sign something else, or with another hash."""
    return lambda parts, good: sign(
        parts.credential.private_key, message(parts), digest or hashes.SHA256()
    )


def fixed(parts: Parts, good: bytes) -> bytes:
    """Write r and s side by side, as JOSE does."""
    return b"".join(value.to_bytes(32, "big") for value in decode_dss_signature(good))


def der(first: bytes, second: bytes) -> bytes:
    """Write two integers, given as bytes, into a sequence."""
    body = b"".join(b"\x02" + bytes([len(each)]) + each for each in (first, second))
    return b"\x30" + bytes([len(body)]) + body


NUMBERS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "r is 0": lambda r, s: (0, s),
    "s is 0": lambda r, s: (r, 0),
    "both 0": lambda r, s: (0, 0),
    "both 1": lambda r, s: (1, 1),
    "r is the order": lambda r, s: (ORDER, s),
    "s is the order": lambda r, s: (r, ORDER),
    "both the order": lambda r, s: (ORDER, ORDER),
    "order more in r": lambda r, s: (r + ORDER, s),
    "order more in s": lambda r, s: (r, s + ORDER),
    "swapped": lambda r, s: (s, r),
    "r negative": lambda r, s: (-r, s),
    "s negative": lambda r, s: (r, -s),
    "other r": lambda r, s: (ORDER - r, s),
    "very long r": lambda r, s: (r + ORDER * 2**4096, s),
}
BYTES: dict[str, Make] = {
    "empty": lambda parts, good: b"",
    "NUL": lambda parts, good: b"\0",
    "64 NULs": lambda parts, good: bytes(64),
    "70 NULs": lambda parts, good: bytes(70),
    "64 times FF": lambda parts, good: b"\xff" * 64,
    "30 kB": lambda parts, good: b"\x30" * 30_000,
    "empty sequence": lambda parts, good: b"\x30\x00",
    "sequence of one": lambda parts, good: b"\x30\x03\x02\x01\x01",
    "sequence of three": lambda parts, good: b"\x30" + bytes([good[1] + 3]) + good[2:] + b"\x02\x01\x01",
    "text": lambda parts, good: b"signature",
    "a byte less": lambda parts, good: good[:-1],
    "8 bytes less": lambda parts, good: good[:-8],
    "the first half": lambda parts, good: good[: len(good) // 2],
    "without the first byte": lambda parts, good: good[1:],
    "NUL after it": lambda parts, good: good + b"\0",
    "NUL before it": lambda parts, good: b"\0" + good,
    "twice": lambda parts, good: good + good,
    "reversed": lambda parts, good: good[::-1],
    "in hexadecimal": lambda parts, good: good.hex().encode(),
    "in a sequence": lambda parts, good: b"\x30" + bytes([len(good)]) + good,
    "side by side": fixed,
    "a set": lambda parts, good: b"\x31" + good[1:],
    "long length": lambda parts, good: b"\x30\x81" + good[1:],
    "longer length": lambda parts, good: b"\x30\x82\x00" + good[1:],
    "length of no end": lambda parts, good: b"\x30\x80" + good[2:] + b"\0\0",
    "length too short": lambda parts, good: b"\x30" + bytes([good[1] - 1]) + good[2:],
    "length too long": lambda parts, good: b"\x30" + bytes([good[1] + 1]) + good[2:],
    "zero before r": lambda parts, good: der(b"\0\0" + good[4 : 4 + good[3]].lstrip(b"\0"), good[6 + good[3] :]),
    "no bytes of r": lambda parts, good: der(b"", good[6 + good[3] :]),
    "hash of it": lambda parts, good: hashlib.sha256(good).digest(),
    "the message": lambda parts, good: parts.message(),
    "the challenge": lambda parts, good: from_base64url(parts.client_data["challenge"]),
}  # fmt: skip
MESSAGES: dict[str, Make] = {
    "nothing": over(lambda parts: b""),
    "authenticator data": over(lambda parts: bytes(parts.data)),
    "hash of the client data": over(lambda parts: parts.message()[-32:]),
    "client data": over(lambda parts: parts.client_data_json),
    "both, not hashed": over(lambda parts: bytes(parts.data) + parts.client_data_json),
    "hash first": over(lambda parts: parts.message()[-32:] + bytes(parts.data)),
    "hash twice": over(lambda parts: hashlib.sha256(parts.message()).digest()),
    "another count": over(lambda parts: parts.message(bytes(parts.data.but(sign_count=b"\xff" * 4)))),
    "other flags": over(lambda parts: parts.message(bytes(parts.data.but(flags=1)))),
    "another origin": over(
        lambda parts: parts.message(
            client_data=parts.client_data_json.replace(b"testserver", b"evilserver")
        )
    ),
    "another challenge": over(
        lambda parts: parts.message(client_data=parts.client_data_json.replace(b"A", b"B"))
    ),
    "a registration": over(
        lambda parts: parts.message(
            client_data=parts.client_data_json.replace(b".get", b".create")
        )
    ),
    "U2F's message": over(lambda parts: b"\0" + parts.message()),
    "SHA-384": over(lambda parts: parts.message(), hashes.SHA384()),
    "SHA-512": over(lambda parts: parts.message(), hashes.SHA512()),
    "SHA-1": over(lambda parts: parts.message(), hashes.SHA1()),
    "SHA3-256": over(lambda parts: parts.message(), hashes.SHA3_256()),
}  # fmt: skip


def with_signature(make: Make) -> Callable[[Parts], object]:
    """Replace the good signature."""

    def of(parts: Parts) -> object:
        good = sign(parts.credential.private_key, parts.message())
        return parts.make(response={"signature": to_base64url(make(parts, good))})

    return of


def flip(parts: Parts, good: bytes, *, place: int, bit: int) -> bytes:
    """Flip a bit of the good signature."""
    return good[:place] + bytes([good[place] ^ bit]) + good[place + 1 :]


def by_other(key: PrivateKey, parts: Parts, good: bytes) -> bytes:
    """Sign with another key."""
    return sign(key, parts.message())


def forged() -> Iterator[tuple[str, Make]]:
    """Yield what is no signature of the passkey over the message."""
    yield from BYTES.items()
    for name, change in NUMBERS.items():
        yield name, numbers(change)
    for name, make in MESSAGES.items():
        yield f"over {name}", make
    for name, key in foreign_keys().items():
        yield (f"by {name}", partial(by_other, key))
    yield "by bob's key", lambda parts, good: sign(parts.stranger.private_key, parts.message())
    for place in (2, 3, 5, 8, 12, 20, 30, 36, 37, 38, 40, 50, 60, 66):
        for bit in (1, 0x80):
            yield f"bit {bit} of byte {place}", partial(flip, place=place, bit=bit)


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    for name, make in forged():
        yield Case(name, with_signature(make), "Could not verify authentication signature")
    spelling = "signature is not base64url"
    for name, value in NOT_TEXT.items():
        yield Case(f"{name} in its place", made(response={"signature": value}), spelling)
    for name, change in MISSPELT.items():
        if name == "stray bits":
            continue
        yield Case(f"spelling: {name}", misspelt(change), spelling)


def misspelt(change: Callable[[str], Any]) -> Callable[[Parts], object]:
    """Spell the good signature in another way."""

    def of(parts: Parts) -> object:
        good = to_base64url(sign(parts.credential.private_key, parts.message()))
        return parts.make(response={"signature": change(good)})

    return of
