"""Attestation statements (WebAuthn L3 §8) that are false, of a foreign shape, or of a format that nobody knows."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from otp_passkeys.testing import to_base64url

from .case import Case
from .parts import OMIT, Parts, attestation_object, changed, sign
from .signatures import BYTES, MESSAGES, NUMBERS, by_other, foreign_keys, numbers

SHAPE = "attestation statement has a foreign shape"
SELF = "Could not verify attestation statement signature (Packed|Self)"
LIBRARY = "refused by py_webauthn"
NONE = "attestation none has a statement"

FORMATS = (
    "", "None", "NONE", "none ", "none\0", "self", "compound", "fido-u2f-2", "Packed", "packed\0", "basic", "x" * 5000,
)  # fmt: skip
KNOWN = ("packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple")
STATEMENTS: dict[str, dict[Any, Any]] = {
    "empty": {},
    "a signature alone": {"sig": b"sig"},
    "certificates that are none": {"alg": -7, "sig": b"sig", "x5c": [b"certificate"]},
    "an empty certificate": {"alg": -7, "sig": b"sig", "x5c": [b""]},
    "certificates as text": {"alg": -7, "sig": b"sig", "x5c": ["certificate"]},
    "certificates as numbers": {"alg": -7, "sig": b"sig", "x5c": [1, 2]},
    "a thousand certificates": {"alg": -7, "sig": b"sig", "x5c": [b"\x30\x03\x02\x01\x01"] * 1000},
    "a certificate of 30 kB": {"alg": -7, "sig": b"sig", "x5c": [b"\x30\x82\x75\x2c" + bytes(29_996)]},
    "members of a TPM": {
        "ver": "2.0", "alg": -7, "sig": b"sig", "x5c": [b"x"], "certInfo": b"info", "pubArea": b"area",
    },
    "a TPM's members as text": {
        "ver": "2.0", "alg": -7, "sig": b"sig", "x5c": [b"x"], "certInfo": "info", "pubArea": "area",
    },
    "a token": {"ver": "1", "response": b"a.b.c"},
    "a token of 30 kB": {"ver": "1", "response": b"e30." * 7500},
    "a token that is no text": {"ver": "1", "response": b"\xff\xfe"},
    "a response that is a number": {"ver": 1, "response": 5},
}  # fmt: skip
SHAPES: dict[str, dict[str, Any]] = {
    "alg as a float": {"alg": -7.0}, "alg as text": {"alg": "-7"}, "alg null": {"alg": None}, "alg true": {"alg": True},
    "alg as a list": {"alg": [-7]}, "sig null": {"sig": None}, "sig as text": {"sig": "sig"}, "sig true": {"sig": True},
    "sig as a number": {"sig": 2**31}, "sig as a list": {"sig": [1, 2]}, "x5c empty": {"x5c": []},
    "x5c null": {"x5c": None}, "x5c false": {"x5c": False}, "x5c text": {"x5c": ""}, "x5c bytes": {"x5c": b""},
    "x5c map": {"x5c": {}}, "x5c zero": {"x5c": 0},
}  # fmt: skip

WRONG: dict[str, dict[str, Any]] = {
    "alg of another key": {"alg": -8}, "alg of RSA": {"alg": -257}, "unknown alg": {"alg": -9}, "alg 0": {"alg": 0},
    "alg missing": {"alg": OMIT}, "sig missing": {"sig": OMIT}, "sig empty": {"sig": b""},
}  # fmt: skip
UNSIGNED: dict[str, dict[str, Any]] = {
    "AAGUID": {"aaguid": b"\xee" * 16}, "count": {"sign_count": b"\0\0\0\1"}, "flags": {"flags": 0x45},
    "reserved flag": {"flags": 0x47}, "state of the backup": {"flags": 0x4D},
}  # fmt: skip


def of_format(fmt: str, statement: dict[Any, Any]) -> Callable[[Parts], object]:
    """Send an attestation statement."""
    return lambda parts: parts.attested(attestation_object(bytes(parts.data), fmt, statement))


def packed(**statement: Any) -> Callable[[Parts], object]:
    """Change members of a true self attestation."""
    return lambda parts: parts.packed(**statement)


def with_signature(make: Callable[[Parts, bytes], bytes]) -> Callable[[Parts], object]:
    """Replace the signature of a self attestation."""

    def of(parts: Parts) -> object:
        return parts.packed(sig=make(parts, sign(parts.credential.private_key, parts.message())))

    return of


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration."""
    for fmt in FORMATS:
        yield Case(f"format {fmt[:20]!r}", of_format(fmt, {}), "Unsupported attestation type")
    for fmt in KNOWN:
        for name, statement in STATEMENTS.items():
            yield Case(f"{fmt}: {name}", of_format(fmt, statement), LIBRARY)
    for name, statement in {
        **STATEMENTS,
        "an unknown member": {"a": 1},
        "a numbered member": {1: 1},
    }.items():
        if statement:
            yield Case(f"none: {name}", of_format("none", statement), NONE)
    for name, shape in SHAPES.items():
        yield Case(f"self: {name}", packed(**shape), SHAPE)
    for name, changes in WRONG.items():
        yield Case(f"self: {name}", packed(**changes), "InvalidRegistrationResponse")
    yield from _signatures()
    yield from _after_signing()


def _signatures() -> Iterator[Case]:
    for name, make in BYTES.items():
        if name != "empty":
            yield Case(f"self: {name}", with_signature(make), SELF)
    for name, change in NUMBERS.items():
        yield Case(f"self: {name}", with_signature(numbers(change)), SELF)
    for name, make in MESSAGES.items():
        if name != "a registration":
            yield Case(f"self: over {name}", with_signature(make), SELF)
    for name, key in foreign_keys().items():
        yield Case(f"self: by {name}", with_signature(partial(by_other, key)), SELF)


def _after_signing() -> Iterator[Case]:
    """Yield true self attestations of something else than what is sent."""
    for name, changes in UNSIGNED.items():
        yield Case(f"self: another {name} than was signed", partial(_resent, changes), SELF)

    def other_client_data(parts: Parts) -> object:
        client_data = to_base64url(parts.client_data_json + b" ")
        made = parts.packed()
        return {**made, "response": {**made["response"], "clientDataJSON": client_data}}

    yield Case("self: other client data than was signed", other_client_data, SELF)


def _resent(changes: dict[str, Any], parts: Parts) -> object:
    good = sign(parts.credential.private_key, parts.message())
    statement = changed({"alg": -7, "sig": good}, {})
    return parts.attested(attestation_object(bytes(parts.data.but(**changes)), "packed", statement))
