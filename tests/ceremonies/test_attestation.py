"""Nothing that an attestation object holds comes out as anything but a refusal."""

from typing import Any

import cbor2
import pytest

from otp_passkeys.exceptions import PasskeyError, VerificationFailed
from otp_passkeys.testing import from_base64url, to_base64url

from ..helpers.ceremonies import create, verify_created


def with_attestation(credential: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Replace members of the attestation object."""
    response = credential["response"]
    decoded = cbor2.loads(from_base64url(response["attestationObject"])) | members
    changed = {"attestationObject": to_base64url(cbor2.dumps(decoded))}
    return {**credential, "response": {**response, **changed}}


CERTIFICATE = {"alg": -7, "sig": b"\x30\x00"}
CHAINS: list[Any] = [[b"garbage"], [], [b""], [5], "text", {}, None]


@pytest.mark.parametrize(
    "members",
    [
        {"fmt": "unheard"},
        {"fmt": ""},
        {"attStmt": {"sig": b""}},
        {"attStmt": {"alg": -7, "sig": b"\x00"}},
        {"fmt": "packed", "attStmt": {}},
        {"fmt": "packed", "attStmt": {"alg": "x", "sig": 5}},
        *(
            {"fmt": name, "attStmt": {**CERTIFICATE, "x5c": chain, "ver": "2.0", "response": b"x"}}
            for name in ("packed", "fido-u2f", "tpm", "apple", "android-key", "android-safetynet")
            for chain in CHAINS
        ),
        {"authData": b""},
        {"authData": bytes(36)},
        {"authData": bytes(37)},
        {"authData": b"\xff" * 37},
        {"authData": b"\xff" * 2000},
    ],
)
def test_refuses_garbage(members: dict[str, Any]) -> None:
    """Whatever the library raises on garbage becomes a refusal (the nine, 9; steps 21 and 22)."""
    with pytest.raises(PasskeyError):
        verify_created(with_attestation(create(), **members))


@pytest.mark.parametrize("name", ["clientDataJSON", "attestationObject"])
def test_refuses_every_truncation(name: str) -> None:
    """An answer that ends too early is refused, wherever it ends (the nine, 9)."""
    credential = create()
    whole = from_base64url(credential["response"][name])
    for length in range(len(whole)):
        cut = {**credential["response"], name: to_base64url(whole[:length])}
        with pytest.raises(PasskeyError):
            verify_created({**credential, "response": cut})


def test_refuses_every_flipped_byte() -> None:
    """What the new key has signed cannot be changed anywhere (step 22)."""
    credential = create(attestation="packed")
    whole = from_base64url(credential["response"]["attestationObject"])
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1
        changed = {"attestationObject": to_base64url(bytes(flipped))}
        with pytest.raises(PasskeyError):
            verify_created({**credential, "response": {**credential["response"], **changed}})


def test_refuses_none_with_a_statement() -> None:
    """An attestation of none has an empty statement (L3 §8.7; step 22)."""
    with pytest.raises(VerificationFailed):
        verify_created(with_attestation(create(), attStmt={"unheard": 1}))
