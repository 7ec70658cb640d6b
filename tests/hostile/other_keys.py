"""Public keys that are for none of EdDSA, RS256 and ML-DSA-44, weak, or no COSE key at all (WebAuthn L3 §5.8.5)."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, rsa

from .case import Case
from .cbor import HOSTILE
from .keys import (
    ALG,
    ALGORITHM,
    CRV,
    KIND,
    KTY,
    LIBRARY,
    LONG,
    PUB,
    E,
    N,
    X,
    Y,
    but,
    good,
    number,
    with_key,
)
from .parts import OMIT

SHAPE = "authenticator data has a foreign shape"


@cache
def edwards() -> dict[Any, Any]:
    """Return a sound key for EdDSA."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    return {KTY: 1, ALG: -8, CRV: 6, X: key.public_key().public_bytes_raw()}


@cache
def modulus() -> dict[Any, Any]:
    """Return a sound key for RS256; made once in a process."""
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    return {KTY: 3, ALG: -257, N: number(numbers.n), E: b"\x01\x00\x01"}


@cache
def lattice() -> dict[Any, Any]:
    """Return a sound key for ML-DSA-44."""
    key = mldsa.MLDSA44PrivateKey.from_seed_bytes(b"k" * 32)
    return {KTY: 7, ALG: -48, PUB: key.public_key().public_bytes_raw()}


def odd(size: int) -> bytes:
    """Return a number of that many bytes, with the first bit and the last one set."""
    return b"\xc1" + b"\x11" * (size - 1)


def padded(sound: Callable[[], dict[Any, Any]], size: int) -> bytes:
    """Lengthen a sound key by a member that nobody knows."""
    bare = cbor2.dumps({**sound(), -70_000: b""})
    filled = cbor2.dumps({**sound(), -70_000: bytes(size - len(bare) - 2)})
    assert len(filled) == size
    return filled


OKP: dict[str, tuple[dict[str, Any], str]] = {
    "X25519": ({"crv": 4}, LIBRARY), "Ed448": ({"crv": 7}, LIBRARY), "P-256": ({"crv": 1}, LIBRARY),
    "crv as a float": ({"crv": 6.0}, KIND), "kty as a float": ({"kty": 1.0}, KIND), "kty true": ({"kty": True}, KIND),
    "alg as a float": ({"alg": -8.0}, KIND), "kty EC2": ({"kty": 2}, LIBRARY), "alg ES256": ({"alg": -7}, LIBRARY),
    "Ed25519 by its own number": ({"alg": -19}, ALGORITHM), "31 bytes": ({"x": bytes(31)}, LIBRARY),
    "33 bytes": ({"x": bytes(33)}, LIBRARY), "no bytes": ({"x": b""}, LIBRARY), "57 bytes": ({"x": bytes(57)}, LIBRARY),
    "text": ({"x": "x" * 32}, LIBRARY), "no x": ({"x": OMIT}, LIBRARY), "no crv": ({"crv": OMIT}, LIBRARY),
    "no alg": ({"alg": OMIT}, LIBRARY), "names for numbers": ({"kty": "OKP", "crv": "Ed25519"}, LIBRARY),
}  # fmt: skip
RSA: dict[str, tuple[dict[str, Any], str]] = {
    "1024 bits": ({"n": odd(128)}, KIND), "2047 bits": ({"n": b"\x7f" + b"\xff" * 255}, KIND),
    "8200 bits": ({"n": odd(1025)}, KIND), "80 000 bits": ({"n": odd(10_000)}, LONG),
    "leading zeros": ({"n": bytes(128) + odd(128)}, KIND), "even modulus": ({"n": b"\xc1" + b"\x10" * 255}, KIND),
    "no bits": ({"n": b""}, LIBRARY), "one bit": ({"n": b"\x01"}, LIBRARY), "n as a number": ({"n": 2**62}, LIBRARY),
    "n as text": ({"n": "n" * 256}, LIBRARY), "exponent 0": ({"e": b"\0"}, LIBRARY),
    "exponent 1": ({"e": b"\x01"}, LIBRARY), "exponent 2": ({"e": b"\x02"}, LIBRARY),
    "no exponent": ({"e": b""}, LIBRARY),
    "exponent as a number": ({"e": 65537}, LIBRARY), "exponent of 3200 bits": ({"e": b"\xff" * 400}, LIBRARY),
    "alg ES256": ({"alg": -7}, KIND), "RS384": ({"alg": -258}, ALGORITHM), "RS512": ({"alg": -259}, ALGORITHM),
    "PS256": ({"alg": -37}, ALGORITHM), "RS1": ({"alg": -65535}, ALGORITHM), "alg as a float": ({"alg": -257.0}, KIND),
    "kty as a float": ({"kty": 3.0}, KIND), "kty EC2": ({"kty": 2}, LIBRARY), "n missing": ({"n": OMIT}, LIBRARY),
    "e missing": ({"e": OMIT}, LIBRARY),
}  # fmt: skip
ML_DSA: dict[str, tuple[dict[str, Any], str]] = {
    "1311 bytes": ({"pub": bytes(1311)}, LIBRARY), "1313 bytes": ({"pub": bytes(1313)}, LIBRARY),
    "of ML-DSA-65": ({"pub": bytes(1952)}, LIBRARY), "no bytes": ({"pub": b""}, LIBRARY),
    "text": ({"pub": "x" * 1312}, LIBRARY), "a list": ({"pub": [1] * 1312}, LIBRARY),
    "a number": ({"pub": 2**60}, LIBRARY), "no pub": ({"pub": OMIT}, LIBRARY), "no alg": ({"alg": OMIT}, LIBRARY),
    "no kty": ({"kty": OMIT}, LIBRARY), "kty OKP": ({"kty": 1}, LIBRARY), "kty RSA": ({"kty": 3}, LIBRARY),
    "kty as a float": ({"kty": 7.0}, KIND), "alg as a float": ({"alg": -48.0}, KIND),
    "alg ES256": ({"alg": -7}, LIBRARY), "alg EdDSA": ({"alg": -8}, LIBRARY),
    "ML-DSA-65": ({"alg": -49, "pub": bytes(1952)}, ALGORITHM),
    "ML-DSA-87": ({"alg": -50, "pub": bytes(2592)}, ALGORITHM), "alg as text": ({"alg": "ML-DSA-44"}, ALGORITHM),
}  # fmt: skip
# As long as a key may be, and one byte more.
LONGEST = {"RSA": modulus, "P-256": good, "Ed25519": edwards, "ML-DSA": lattice}
ENCODINGS: dict[str, tuple[Callable[[], bytes], str]] = {
    "U2F's point": (lambda: b"\x04" + good()[X] + good()[Y], SHAPE),
    "in a list": (lambda: cbor2.dumps([good()]), SHAPE),
    "in bytes": (lambda: cbor2.dumps(cbor2.dumps(good())), SHAPE),
    "text": (lambda: cbor2.dumps("key"), SHAPE),
    "labels as floats": (lambda: cbor2.dumps({float(k): v for k, v in good().items()}), SHAPE),
    "a label that is true": (lambda: b"\xa5\xf5" + cbor2.dumps(good())[2:], SHAPE),
    "alg twice": (lambda: b"\xa6" + cbor2.dumps(good())[1:] + b"\x03\x26", "Duplicate map key"),
    "followed by a byte": (lambda: cbor2.dumps(good()) + b"\0", SHAPE),
    "of indefinite length": (lambda: b"\xbf" + cbor2.dumps(good())[1:] + b"\xff", SHAPE),
    "tagged": (lambda: b"\xd8\x65" + cbor2.dumps(good()), SHAPE),
    # Numbers written longer than they need: what the library writes anew is shorter than what was sent.
    "long-winded": (
        lambda: cbor2.dumps(good()).replace(b"\x01\x02", b"\x18\x01\x18\x02", 1),
        "Leftover bytes",
    ),
}
MAPS: dict[str, dict[Any, Any]] = {
    "empty": {}, "labels as text": {"1": 2, "3": -7}, "JWK": {"kty": "EC", "crv": "P-256"},
    "symmetric": {KTY: 4, -1: bytes(32)},
}  # fmt: skip
# cbor2 finds these when py_webauthn decodes the map.
BY_LIBRARY = {"text that is not UTF-8", "text of half a surrogate", "map with a key twice"}


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration; in a sign-in the key is the stored one."""
    for name, (changes, reason) in OKP.items():
        yield Case(f"OKP, {name}", with_key(but(edwards, **changes)), reason)
    for name, (changes, reason) in RSA.items():
        yield Case(f"RSA, {name}", with_key(but(modulus, **changes)), reason)
    for name, (changes, reason) in ML_DSA.items():
        yield Case(f"ML-DSA, {name}", with_key(but(lattice, **changes)), reason)
    for name, sound in LONGEST.items():
        yield Case(f"{name}, a byte too long", with_key(partial(padded, sound, 4097)), LONG)
    for name, (make, reason) in ENCODINGS.items():
        yield Case(name, with_key(make), reason)
    for name, key in MAPS.items():
        yield Case(f"map: {name}", with_key(partial(dict, key)), LIBRARY)
    for name, item in HOSTILE.items():
        reason = LIBRARY if name in BY_LIBRARY else SHAPE
        yield Case(f"kty is {name}", with_key(partial(bytes, b"\xa1\x01" + item)), reason)
