"""The test vectors of W3C Web Authentication Level 3, section 16: all that the policy allows, and only those.

Their challenges are fixed, so they go to the ceremonies and not to the addresses, whose challenges are the site's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cbor2
import pytest

from otp_passkeys import ceremonies
from otp_passkeys.answers import read_answer
from otp_passkeys.ceremonies import NewCredential, UsedCredential
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import from_base64url

from .hostile.parts import Data
from .hostile.site import explanation

FILE = json.loads((Path(__file__).parent / "vectors" / "webauthn-3.json").read_text())
VECTORS: dict[str, dict[str, Any]] = {vector["name"]: vector for vector in FILE["vectors"]}
PARTY = RelyingParty(FILE["rp_id"], "Example", (FILE["origin"],))
FRAMED = RelyingParty(FILE["rp_id"], "Example", (FILE["origin"],), (FILE["top_origin"],))
UV, BE = 0x04, 0x08

ALLOWED = {
    "none-es256", "packed-self-es256", "none-es256-long-credential-id", "packed-es256", "packed-rs256", "packed-eddsa",
}  # fmt: skip
FRAME, ALGORITHM = "frame in a foreign page", "Unsupported credential public key alg"
# Why the others are refused, and what is said of it.
REFUSED = {
    "none-es256-crossOrigin": FRAME,  # asked from a frame, of which page it does not say
    "none-es256-topOrigin": FRAME,  # from a frame in a page that this site has not named
    "packed-es384": ALGORITHM,  # not among those that are asked for
    "packed-es512": ALGORITHM,
    "packed-ed448": ALGORITHM,
    # Nobody asks for attestation; what comes nevertheless must be true, and these name makers that do not exist.
    "tpm-es256": "Unrecognized TPM Manufacturer",
    "android-key-es256": "x5c was empty",  # py_webauthn wants Google's roots in the chain
    "apple-es256": "Certificate chain could not be validated",  # it wants Apple's
    "fido-u2f-es256": "was not expected 00000000",  # a U2F device has no AAGUID, the vector has
}


def register(
    name: str, party: RelyingParty = PARTY, *, verified: bool = False, challenge: str = ""
) -> NewCredential:
    """Verify the registration of a vector."""
    vector = VECTORS[name]["registration"]
    return ceremonies.verify_registration(
        read_answer(vector["answer"]),
        challenge=bytes.fromhex(challenge or vector["challenge"]),
        relying_party=party,
        requires_user_presence=True,
        requires_user_verification=verified,
    )


def sign_in(
    name: str,
    key: bytes,
    party: RelyingParty = PARTY,
    *,
    eligible: bool,
    verified: bool = False,
    challenge: str = "",
) -> UsedCredential:
    """Verify the assertion of a vector, which names no user handle."""
    vector = VECTORS[name]["authentication"]
    return ceremonies.verify_authentication(
        read_answer(vector["answer"]),
        challenge=bytes.fromhex(challenge or vector["challenge"]),
        relying_party=party,
        public_key=key,
        backup_eligible=eligible,
        user_handle=None,
        requires_user_handle=False,
        requires_user_verification=verified,
    )


def data_of(name: str, ceremony: str) -> Data:
    """Return the authenticator data of a vector, read without the app."""
    response = VECTORS[name][ceremony]["answer"]["response"]
    if ceremony == "authentication":
        return Data.read(from_base64url(response["authenticatorData"]))
    return Data.read(cbor2.loads(from_base64url(response["attestationObject"]))["authData"])


def test_names_every_vector() -> None:
    """Each vector of the section is allowed or refused, and none is forgotten."""
    assert "section 16" in FILE["source"]
    assert len(VECTORS) == 15
    assert VECTORS.keys() == ALLOWED | REFUSED.keys()


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_takes_what_the_policy_allows(name: str) -> None:
    """The record is what the bytes say, and the assertion verifies with it."""
    made, data = register(name), data_of(name, "registration")
    assert made.credential_id == data.credential_id
    assert made.aaguid.replace("-", "") == data.aaguid.hex()
    assert made.sign_count == int.from_bytes(data.sign_count, "big")
    assert cbor2.loads(made.public_key) == cbor2.loads(data.key)
    used = sign_in(name, made.public_key, eligible=made.backup_eligible)
    flags = data_of(name, "authentication").flags
    assert (used.user_verified, used.backup_state) == (bool(flags & UV), bool(flags & 0x10))


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refuses_the_others(name: str) -> None:
    """Each for its own reason."""
    with pytest.raises(VerificationFailed) as refusal:
        register(name)
    assert REFUSED[name] in explanation(refusal.value)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_requires_verification_where_it_was_asked_for(name: str) -> None:
    """With the default policy an answer without UV is refused, in either ceremony (steps 16 and 17)."""
    made = register(name)
    for ceremony in ("registration", "authentication"):
        verifies = data_of(name, ceremony).flags & UV

        def verify(ceremony: str = ceremony) -> object:
            if ceremony == "registration":
                return register(name, verified=True)
            return sign_in(name, made.public_key, eligible=made.backup_eligible, verified=True)

        if verifies:
            verify()
        else:
            with pytest.raises(VerificationFailed) as refusal:
                verify()
            assert "erification is required" in explanation(refusal.value)


def test_takes_a_frame_that_the_site_allows() -> None:
    """A page that the site has named may ask in a frame (L3 §7.1 step 11)."""
    name = "none-es256-topOrigin"
    made = register(name, FRAMED)
    sign_in(name, made.public_key, FRAMED, eligible=made.backup_eligible)
    with pytest.raises(VerificationFailed):
        register("none-es256-crossOrigin", FRAMED)


@pytest.mark.parametrize(
    "name", ["tpm-es256", "android-key-es256", "apple-es256", "fido-u2f-es256"]
)
def test_takes_the_assertions_of_known_keys(name: str) -> None:
    """What was wrong with these was the attestation: with the key stored, the assertion verifies."""
    data = data_of(name, "registration")
    used = sign_in(name, data.key, eligible=bool(data.flags & BE))
    assert used.sign_count == int.from_bytes(data_of(name, "authentication").sign_count, "big")


@pytest.mark.parametrize("name", sorted(VECTORS))
@pytest.mark.parametrize("ceremony", ["registration", "authentication"])
def test_refuses_a_vector_for_another_challenge(name: str, ceremony: str) -> None:
    """The challenge of one vector is answered by no other (steps 8 and 11)."""
    data = data_of(name, "registration")
    other = VECTORS[name][ceremony]["challenge"][::-1]
    verify: Callable[[], object]
    if ceremony == "registration":
        verify = partial(register, name, FRAMED, challenge=other)
    else:
        eligible = bool(data.flags & BE)
        verify = partial(sign_in, name, data.key, FRAMED, eligible=eligible, challenge=other)
    with pytest.raises(VerificationFailed) as refusal:
        verify()
    said = FRAME if name == "none-es256-crossOrigin" else "challenge was not expected challenge"
    assert said in explanation(refusal.value)
