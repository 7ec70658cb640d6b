"""Attestation objects are hostile CBOR until they have been read."""

import time

import cbor2
import pytest

from otp_passkeys import credentials
from otp_passkeys.credentials import ReceivedCredential
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.testing import to_base64url

OBJECT = {"fmt": "none", "attStmt": {}, "authData": bytes(37)}


def attestation(data: bytes) -> str:
    """Read an attestation object of these bytes."""
    return credentials.attestation(
        ReceivedCredential({"response": {"attestationObject": to_base64url(data)}}, {}, b"")
    ).text


def test_reads_an_attestation_object() -> None:
    """One map of fmt, attStmt and authData passes as it was sent."""
    data = cbor2.dumps(OBJECT)
    assert attestation(data) == to_base64url(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\x00",
        cbor2.dumps([]),
        cbor2.dumps({}),
        cbor2.dumps(OBJECT) + b"\x00",
        cbor2.dumps(OBJECT)[:-1],
        cbor2.dumps(OBJECT | {"fmt": 5}),
        cbor2.dumps(OBJECT | {"attStmt": []}),
        cbor2.dumps(OBJECT | {"attStmt": "text"}),
        cbor2.dumps({"fmt": "none", "authData": bytes(37)}),
        cbor2.dumps(OBJECT | {"authData": list(bytes(37))}),
        cbor2.dumps(OBJECT | {"authData": 10**9}),
        cbor2.dumps(OBJECT | {"authData": 2**70}),
        cbor2.dumps(OBJECT | {"authData": "text"}),
        b"\xa4" + cbor2.dumps(OBJECT)[1:] + cbor2.dumps("fmt") + cbor2.dumps("none"),
        b"\x81" * 50_000 + b"\x00",  # deep
        b"\xc2" * 50_000 + b"\x40",  # tags of tags
        b"\x5b" + b"\x7f" * 8,  # a length of 2**62
        b"\x9b" + b"\x7f" * 8,
        b"\xbb" + b"\x7f" * 8,
        bytes.fromhex("d81c81d81d00"),  # a list that holds itself
        bytes.fromhex("d81d05"),  # a reference to nothing
        bytes.fromhex("c11b7fffffffffffffff"),  # a date that no clock can show
        bytes.fromhex("d82363283f2b"),  # a regular expression that cannot be compiled
    ],
)
def test_refuses_other_attestation_objects(data: bytes) -> None:
    """Deep, cyclic, huge or strangely shaped CBOR is refused within a second (T13, step 13)."""
    began = time.process_time()  # a busy machine is no hang
    with pytest.raises(VerificationFailed):
        attestation(data)
    assert time.process_time() - began < 1
