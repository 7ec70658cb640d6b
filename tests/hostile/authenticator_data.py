"""Authenticator data (WebAuthn L3 §6.1) that is cut, too long, or for another relying party; signed properly."""

import hashlib
from collections.abc import Callable, Iterator

from .case import Case
from .parts import AT, Data, Parts

SHAPE = "authenticator data has a foreign shape"
HASH = "Unexpected RP ID hash"

RP_IDS = {
    "another host": b"evil.example", "parent": b"", "subdomain": b"a.testserver", "upper case": b"TESTSERVER",
    "origin": b"https://testserver", "host with a port": b"testserver:443", "trailing dot": b"testserver.",
    "with NUL": b"testserver\0", "UTF-16": "testserver".encode("utf-16-le"), "in quotes": b'"testserver"',
}  # fmt: skip
HASHES: dict[str, Callable[[bytes], bytes]] = {
    "zeros": lambda value: bytes(32),
    "ones": lambda value: b"\xff" * 32,
    "first bit": lambda value: bytes([value[0] ^ 0x80]) + value[1:],
    "last bit": lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    "reversed": lambda value: value[::-1],
    "hash of the hash": lambda value: hashlib.sha256(value).digest(),
    "SHA-1, filled up": lambda value: hashlib.sha1(b"testserver").digest() + bytes(12),
    "SHA-512, cut": lambda value: hashlib.sha512(b"testserver").digest()[:32],
    "the ID itself, filled up": lambda value: b"testserver".ljust(32, b"\0"),
}
CUTS = {
    "nothing": 0, "one byte": 1, "half a hash": 16, "the hash alone": 32, "no count": 33, "half a count": 35,
    "one byte short": 36,
}  # fmt: skip
TAILS = {
    "NUL": b"\0", "one byte": b"\x01", "an empty map": b"\xa0", "a map": b"\xa1aa\x01", "null": b"\xf6",
    "a break": b"\xff", "16 bytes": bytes(16), "text": b"evil", "a thousand bytes": b"x" * 1000,
}  # fmt: skip


def with_data(change: Callable[[Data], bytes | Data]) -> Callable[[Parts], object]:
    """Change the authenticator data."""
    return lambda parts: parts.make(data=change(parts.data))


def of_rp(rp_id: bytes) -> Callable[[Data], Data]:
    """Hash another RP ID."""
    return lambda data: data.but(rp_id_hash=hashlib.sha256(rp_id).digest())


def with_hash(change: Callable[[bytes], bytes]) -> Callable[[Parts], object]:
    """Change the hash of the RP ID."""
    return with_data(lambda data: data.but(rp_id_hash=change(data.rp_id_hash)))


def cut(size: int) -> Callable[[Parts], object]:
    """Send the first bytes alone."""
    return with_data(lambda data: bytes(data)[:size])


def followed(tail: bytes, *, flags: int = 0) -> Callable[[Parts], object]:
    """Send bytes after it, and set flags."""
    return with_data(lambda data: bytes(data.but(flags=data.flags | flags)) + tail)


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    for name, rp_id in RP_IDS.items():
        yield Case(f"RP ID: {name}", with_data(of_rp(rp_id)), HASH)
    for name, change in HASHES.items():
        yield Case(f"hash: {name}", with_hash(change), HASH)
    for name, size in CUTS.items():
        yield Case(f"cut: {name}", cut(size), SHAPE)
    for name, tail in TAILS.items():
        yield Case(f"followed by {name}", followed(tail), SHAPE)
    yield Case("twice", with_data(lambda data: bytes(data) * 2), SHAPE)
    yield Case("a byte before it", with_data(lambda data: b"\0" + bytes(data)), SHAPE)
    yield Case("a byte less of the hash", with_data(lambda data: bytes(data)[1:]), SHAPE)


# Attested credential data (L3 §6.5.1) that lies about itself.
ATTESTED: dict[str, tuple[Callable[[Data], bytes | Data], str]] = {
    "none, though the flag says so": (lambda data: bytes(data)[:37], SHAPE),
    "AAGUID of 15 bytes": (lambda data: data.but(aaguid=data.aaguid[1:]), SHAPE),
    "AAGUID of 17 bytes": (lambda data: data.but(aaguid=data.aaguid + b"\0"), SHAPE),
    "no AAGUID": (lambda data: data.but(aaguid=b""), SHAPE),
    "AAGUID alone": (lambda data: bytes(data)[:53], SHAPE),
    "half a length": (lambda data: bytes(data)[:54], SHAPE),
    "length alone": (lambda data: bytes(data)[:55], SHAPE),
    "length 0": (lambda data: data.but(id_length=b"\0\0"), SHAPE),
    "length one less": (lambda data: data.but(id_length=b"\0\x1f"), SHAPE),
    "length one more": (lambda data: data.but(id_length=b"\0\x21"), SHAPE),
    "length to the end": (lambda data: data.but(id_length=b"\0\x6d"), SHAPE),
    "length beyond the end": (lambda data: data.but(id_length=b"\0\xff"), SHAPE),
    "length 65535": (lambda data: data.but(id_length=b"\xff\xff"), SHAPE),
    "length, little end first": (lambda data: data.but(id_length=b"\x20\0"), SHAPE),
    "length of four bytes": (lambda data: data.but(id_length=b"\0\0\0\x20"), SHAPE),
    "ID cut": (lambda data: bytes(data)[:70], SHAPE),
    "no key": (lambda data: data.but(key=b""), SHAPE),
    "half a key": (lambda data: data.but(key=data.key[:38]), SHAPE),
    "one byte of a key": (lambda data: data.but(key=data.key[:1]), SHAPE),
    "key short of a byte": (lambda data: data.but(key=data.key[:-1]), SHAPE),
    "two keys": (lambda data: data.but(key=data.key * 2), SHAPE),
    "no ID": (lambda data: data.but(id_length=b"\0\0", credential_id=b""), "not provide a credential ID"),
    "not there, nor the flag": (
        lambda data: data.but(flags=data.flags & ~AT, aaguid=b"", id_length=b"", credential_id=b"", key=b""),
        "not provide attested credential data",
    ),
    "there without the flag": (lambda data: data.but(flags=data.flags & ~AT), SHAPE),
}  # fmt: skip


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration."""
    yield from cases()
    for name, (change, reason) in ATTESTED.items():
        yield Case(f"attested data: {name}", with_data(change), reason)


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    yield from cases()
    for name, tail in {
        "nothing": b"",
        "an AAGUID": bytes(16),
        "half an ID": bytes(17) + b"\x20x",
    }.items():
        yield Case(f"attested data: {name}", followed(tail, flags=AT), SHAPE)
