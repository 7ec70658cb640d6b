"""CBOR (RFC 8949) that is cut, deep, huge, tagged, ambiguous, or something else than was expected."""

import base64
import struct
from collections.abc import Callable, Iterator
from typing import Any

import cbor2

from .case import Case
from .parts import OMIT, Data, Parts, attestation_object, changed

TEXT = cbor2.dumps("a")


def tagged(number: int, value: object) -> bytes:
    """Write a tagged item."""
    return cbor2.dumps(cbor2.CBORTag(number, value))


def colliding(count: int) -> bytes:
    """Write a map whose keys all have one hash in Python."""
    keys = (cbor2.dumps((2**61 - 1) * (2**10 + number)) + b"\0" for number in range(count))
    return b"\xb9" + struct.pack(">H", count) + b"".join(keys)


# Items that are not CBOR at all, or not the CBOR of an authenticator (CTAP 2.1 §8).
HOSTILE: dict[str, bytes] = {
    "break": b"\xff",
    "reserved information 28": b"\x1c",
    "reserved information 30": b"\x5e",
    "integer of indefinite length": b"\x1f",
    "tag of indefinite length": b"\xdf\x00",
    "cut integer": b"\x1b\x00\x00",
    "cut bytes": b"\x42a",
    "cut text": b"\x62a",
    "cut list": b"\x82\x00",
    "cut map": b"\xa1\x61a",
    "cut float": b"\xfb\x00",
    "cut tag": b"\xc2",
    "text that is not UTF-8": b"\x61\xff",
    "text of half a surrogate": b"\x63\xed\xa0\x80",
    "bytes of 4 GB": b"\x5a\xff\xff\xff\xff",
    "bytes of 2**63": b"\x5b\x7f" + b"\xff" * 7,
    "text of 2**64": b"\x7b" + b"\xff" * 8,
    "list of 2**32": b"\x9a\xff\xff\xff\xff\x00",
    "list of 2**63": b"\x9b\x7f" + b"\xff" * 7 + b"\x00",
    "map of 2**64": b"\xbb" + b"\xff" * 8 + b"\x00\x00",
    "map of 2**40": b"\xbb\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00",
    "lists, 17 deep": b"\x81" * 17 + b"\x00",
    "lists, 500 deep": b"\x81" * 500 + b"\x00",
    "lists, 20 000 deep": b"\x81" * 20_000 + b"\x00",
    "maps, 10 000 deep": b"\xa1\x61a" * 10_000 + b"\x00",
    "tags, 20 000 deep": b"\xc2" * 20_000 + b"\x40",
    "lists of indefinite length, 20 000 deep": b"\x9f" * 20_000,
    "list of indefinite length": b"\x9f\x00\xff",
    "list without an end": b"\x9f\x00",
    "map of indefinite length": b"\xbf\x61a\x00\xff",
    "bytes in chunks": b"\x5f\x41a\x41b\xff",
    "text in chunks": b"\x7f\x61a\x61b\xff",
    "chunks of another kind": b"\x5f\x61a\xff",
    "simple value 0": b"\xe0",
    "simple value 255": b"\xf8\xff",
    "simple value 24": b"\xf8\x18",
    "list that holds itself": bytes.fromhex("d81c81d81d00"),
    "reference to nothing": bytes.fromhex("d81d05"),
    "reference to text": bytes.fromhex("d9010082d81900d81900"),
    "date": tagged(0, "2026-01-01T00:00:00Z"),
    "no date": tagged(0, "x"),
    "date that no clock can show": tagged(1, 2**62),
    "date of NaN": tagged(1, float("nan")),
    "day": tagged(100, 2**40),
    "large integer": tagged(2, b"\x01" + bytes(8)),
    "integer of 20 kB": tagged(2, b"\xff" * 20_000),
    "negative integer of 20 kB": tagged(3, b"\xff" * 20_000),
    "large integer of text": tagged(2, "a"),
    "decimal fraction": tagged(4, [2**30, 1]),
    "large float": tagged(5, [2**62, 1]),
    "division by zero": tagged(30, [1, 0]),
    "fraction": tagged(30, [1, 3]),
    "pattern": tagged(35, "a"),
    "no pattern": tagged(35, "("),
    "pattern that takes long to compile": tagged(35, "(?i)" + "[\\w\\u0000-\\U0010ffff]" * 700),
    "pattern with 3000 groups": tagged(35, "(" * 3000 + ")" * 3000),
    "mail": tagged(36, "Subject: x\n\n" * 100),
    "UUID": tagged(37, bytes(16)),
    "no UUID": tagged(37, b"short"),
    "set": tagged(258, [1, 2]),
    "set of lists": tagged(258, [[1], [1]]),
    "address": tagged(260, bytes(4)),
    "network": tagged(261, {bytes(4): 200}),
    "complex number": tagged(43000, [1, 2]),
    "self-described": tagged(55799, 1),
    "unknown tag": tagged(2**60, 1),
    "map with bytes as a key": b"\xa1\x41a\x00",
    "map with a list as a key": b"\xa1\x81\x00\x00",
    "map with a map as a key": b"\xa1\xa0\x00",
    "map with null as a key": b"\xa1\xf6\x00",
    "map with true as a key": b"\xa1\xf5\x00",
    "map with NaN as a key, twice": b"\xa2\xf9\x7e\x00\x00\xf9\x7e\x00\x00",
    "map with a key twice": b"\xa2" + TEXT + b"\x00" + TEXT + b"\x01",
    "map with 1 twice, once as 1.0": b"\xa2\x01\x00\xf9\x3c\x00\x00",
    "map with keys of one hash": colliding(2000),
}
# What is no map.
OTHER: dict[str, bytes] = {
    "nothing": b"", "zero": b"\0", "minus one": b"\x20", "text": TEXT, "bytes": b"\x41a", "list": b"\x80",
    "list of a map": b"\x81\xa0", "null": b"\xf6", "undefined": b"\xf7", "true": b"\xf5",
    "float": b"\xfb\x7f\xf8" + bytes(6), "JSON": b'{"a": 1}',
}  # fmt: skip

NOT_CBOR = "attestation object is not CBOR"
FOREIGN = "attestation object has a foreign shape"


def alone(item: bytes) -> Callable[[Parts], object]:
    """Send an item in place of the attestation object."""
    return lambda parts: parts.attested(item)


def inside(item: bytes) -> Callable[[Parts], object]:
    """Add a member to the attestation object that nobody asks for."""
    return lambda parts: parts.attested(
        b"\xa4" + attestation_object(bytes(parts.data))[1:] + b"\x61x" + item
    )


def with_bytes(change: Callable[[bytes], bytes]) -> Callable[[Parts], object]:
    """Change the bytes of the attestation object."""
    return lambda parts: parts.attested(change(attestation_object(bytes(parts.data))))


def with_members(**members: object) -> Callable[[Parts], object]:
    """Change members of the attestation object."""

    def make(parts: Parts) -> object:
        honest = {"fmt": "none", "attStmt": {}, "authData": bytes(parts.data)}
        return parts.attested(cbor2.dumps(changed(honest, members)))

    return make


def of_data(change: Callable[[Data], object]) -> Callable[[Parts], object]:
    """Put something else in the place of the authenticator data."""
    return lambda parts: with_members(authData=change(parts.data))(parts)


BYTES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "last byte missing": (lambda data: data[:-1], NOT_CBOR),
    "first byte missing": (lambda data: data[1:], NOT_CBOR),
    "first half": (lambda data: data[: len(data) // 2], NOT_CBOR),
    "first byte": (lambda data: data[:1], NOT_CBOR),
    "first member": (lambda data: data[:10], NOT_CBOR),
    "one member too many promised": (lambda data: b"\xa4" + data[1:], NOT_CBOR),
    "one member too few promised": (lambda data: b"\xa2" + data[1:], "bytes follow"),
    "NUL after it": (lambda data: data + b"\0", "bytes follow"),
    "a break after it": (lambda data: data + b"\xff", "bytes follow"),
    "twice": (lambda data: data * 2, "bytes follow"),
    "in a list": (lambda data: b"\x81" + data, NOT_CBOR),
    "in bytes": (lambda data: cbor2.dumps(data), NOT_CBOR),
    "in a tag": (lambda data: b"\xd8\x18" + data, NOT_CBOR),
    "self-described": (lambda data: b"\xd9\xd9\xf7" + data, NOT_CBOR),
    "of indefinite length": (lambda data: b"\xbf" + data[1:] + b"\xff", NOT_CBOR),
    "in base64": (lambda data: base64.b64encode(data), NOT_CBOR),
    "fmt twice": (lambda data: b"\xa4" + data[1:] + cbor2.dumps("fmt") + cbor2.dumps("none"), NOT_CBOR),
    "attStmt twice": (lambda data: b"\xa4" + data[1:] + cbor2.dumps("attStmt") + b"\xa0", NOT_CBOR),
    "authData twice": (lambda data: b"\xa4" + data[1:] + cbor2.dumps("authData") + b"\x41a", NOT_CBOR),
}  # fmt: skip


def registrations() -> Iterator[Case]:
    """Yield what is wrong in an attestation object."""
    for name, (change, reason) in BYTES.items():
        yield Case(name, with_bytes(change), reason)
    for name, item in {**HOSTILE, **OTHER}.items():
        yield Case(f"{name} in its place", alone(item), NOT_CBOR)
    for name, item in HOSTILE.items():
        yield Case(f"{name} beside its members", inside(item), NOT_CBOR)
    odd: dict[str, Any] = {
        "missing": OMIT, "null": None, "number": 1, "list": [], "true": True, "float": 0.5,
    }  # fmt: skip
    for member in ("fmt", "attStmt", "authData"):
        for name, value in {**odd, "bytes": b"", "text": "", "map": {}}.items():
            fits = (member, name) in {("fmt", "text"), ("attStmt", "map"), ("authData", "bytes")}
            if not fits:
                yield Case(f"{member}: {name}", with_members(**{member: value}), FOREIGN)
    yield Case("authData: list of its bytes", of_data(lambda data: list(bytes(data))), FOREIGN)
    yield Case("authData: in base64", of_data(lambda data: bytes(data).hex()), FOREIGN)
    yield Case("authData: a number of bytes", with_members(authData=2**31), FOREIGN)
    yield Case("empty map", lambda parts: parts.attested(b"\xa0"), FOREIGN)
    yield Case(
        "other names",
        lambda parts: parts.attested(cbor2.dumps({1: "none", 2: {}, 3: bytes(parts.data)})),
        FOREIGN,
    )
