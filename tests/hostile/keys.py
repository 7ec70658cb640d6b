"""Points on curves that are no public key for ES256 (WebAuthn L3 §5.8.5)."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from .case import Case
from .parts import OMIT, Parts, changed

KTY, ALG, CRV, X, Y = 1, 3, -1, -2, -3
N, E = -1, -2
PUB = -1
KIND = "public key is not of the kind that its algorithm names"
ALGORITHM = "Unsupported credential public key alg"
LIBRARY = "refused by py_webauthn"
LONG = "public key is too long"


def number(value: int) -> bytes:
    """Write a number in as few bytes as it takes."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def secret(size: int) -> int:
    """Return the same private number each time."""
    return int.from_bytes(hashlib.shake_256(b"a private key").digest(size), "big")


def point(curve: ec.EllipticCurve, name: int, alg: int) -> dict[Any, Any]:
    """Return a COSE key on a curve."""
    numbers = ec.derive_private_key(secret(20), curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    return {
        KTY: 2,
        ALG: alg,
        CRV: name,
        X: numbers.x.to_bytes(size, "big"),
        Y: numbers.y.to_bytes(size, "big"),
    }


@cache
def good() -> dict[Any, Any]:
    """Return a sound key for ES256."""
    return point(ec.SECP256R1(), 1, -7)


def with_key(make: Callable[[], Any]) -> Callable[[Parts], object]:
    """Send another key; bytes are sent as they are."""

    def of(parts: Parts) -> object:
        key = make()
        return parts.make(
            data=parts.data.but(key=key if isinstance(key, bytes) else cbor2.dumps(key))
        )

    return of


def but(sound: Callable[[], dict[Any, Any]], **changes: Any) -> Callable[[], Any]:
    """Change labels of a sound key: kty, alg, crv, x, y, n, e, pub."""
    labels = {"kty": KTY, "alg": ALG, "crv": CRV, "x": X, "y": Y, "n": N, "e": E, "pub": PUB}
    return lambda: changed(sound(), {labels[name]: value for name, value in changes.items()})  # type: ignore[misc]


ODD: dict[str, Any] = {
    "missing": OMIT, "null": None, "true": True, "text": "P-256", "list": [1], "map": {}, "NaN": float("nan"),
    "zero": 0, "2**62": 2**62, "a large number": -(2**63), "empty bytes": b"",
}  # fmt: skip
FLOATS = {"kty": 2.0, "alg": -7.0, "crv": 1.0}
NUMBERS: dict[str, list[int]] = {
    "kty": [1, 3, 4, 5, 6, 7, 99, -2],
    "alg": [-8, -257, -35, -36, -37, -47, -48, -65535, 7, -9, -259, 1],
    "crv": [2, 3, 4, 6, 7, 8, -1, 256],
}

COORDINATES: dict[str, tuple[Callable[[dict[Any, Any]], dict[Any, Any]], str]] = {
    "at infinity": (lambda key: {X: bytes(32), Y: bytes(32)}, LIBRARY),
    "x twice": (lambda key: {Y: key[X]}, LIBRARY),
    "swapped": (lambda key: {X: key[Y], Y: key[X]}, LIBRARY),
    "x too large": (lambda key: {X: b"\xff" * 32}, LIBRARY),
    "x reversed": (lambda key: {X: key[X][::-1]}, LIBRARY),
    "one bit of y": (lambda key: {Y: bytes([key[Y][0] ^ 1]) + key[Y][1:]}, LIBRARY),
    "x compressed": (lambda key: {X: b"\x02" + key[X], Y: b""}, LIBRARY),
    "x of 33 bytes": (lambda key: {X: b"\0" + key[X]}, KIND),
    "y of 33 bytes": (lambda key: {Y: b"\0" + key[Y]}, KIND),
    "x of 64 bytes": (lambda key: {X: bytes(32) + key[X]}, KIND),
    "x cut": (lambda key: {X: key[X][:31]}, LIBRARY),
    "both cut": (lambda key: {X: key[X][1:], Y: key[Y][1:]}, LIBRARY),
    "x of 10 kB": (lambda key: {X: b"\x01" * 10_000}, LONG),
    "x in hexadecimal": (lambda key: {X: key[X].hex()}, LIBRARY),
    "x as a list": (lambda key: {X: list(key[X])}, LIBRARY),
    "x as a number": (lambda key: {X: 2**60}, LIBRARY),
    "another point's x": (lambda key: {X: point(ec.SECP256K1(), 1, -7)[X]}, LIBRARY),
}  # fmt: skip
CURVES = {
    "P-384": (ec.SECP384R1(), 2),
    "P-521": (ec.SECP521R1(), 3),
    "secp256k1": (ec.SECP256K1(), 8),
}
OF_ANOTHER_LENGTH = {("P-384", -7), ("P-521", -7)}


def moved(change: Callable[[dict[Any, Any]], dict[Any, Any]]) -> dict[Any, Any]:
    """Change the point of a sound key."""
    return good() | change(good())


def members() -> Iterator[Case]:
    """Yield keys with a member of another value or type."""
    for label, values in NUMBERS.items():
        for value in values:
            offered = label == "alg" and value in (-8, -257, -48)
            reason = KIND if offered else ALGORITHM if label == "alg" else LIBRARY
            yield Case(f"{label} {value}", with_key(but(good, **{label: value})), reason)
        yield Case(f"{label} as a float", with_key(but(good, **{label: FLOATS[label]})), KIND)
    for label in ("kty", "alg", "crv", "x", "y"):
        for name, value in ODD.items():
            reason = KIND if (label, name) == ("crv", "true") else LIBRARY
            yield Case(f"{label}: {name}", with_key(but(good, **{label: value})), reason)


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration; in a sign-in the key is the stored one."""
    yield from members()
    for name, (curve, crv) in CURVES.items():
        for alg in (-7, -35, -36, -47):
            key = point(curve, crv, alg)
            reason = KIND if (name, alg) in OF_ANOTHER_LENGTH else LIBRARY
            yield Case(f"{name}, alg {alg}", with_key(partial(dict, key)), reason)
    for name, (change, reason) in COORDINATES.items():
        yield Case(name, with_key(partial(moved, change)), reason)
