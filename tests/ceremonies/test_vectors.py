"""The test vectors of W3C Web Authentication Level 3, section 16: all that the policy allows, and only those.

The section has none for ML-DSA. Those here were made with another implementation of it than is tested.

Their challenges are fixed, so they go to the ceremonies and not to the addresses, whose challenges are the site's own.
"""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from webauthn import verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from otp_passkeys import ceremonies
from otp_passkeys.ceremonies import NewCredential, UsedCredential
from otp_passkeys.ceremonies.keys import algorithms
from otp_passkeys.credentials import read_credential
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import from_base64url, to_base64url
from otp_passkeys.testing.keys import cose_public_key

from ..hostile.parts import Data

FOLDER = Path(__file__).parent / "vectors"
FILE, ML_DSA = (
    json.loads((FOLDER / name).read_text()) for name in ("webauthn-3.json", "ml-dsa-44.json")
)
VECTORS: dict[str, dict[str, Any]] = {
    vector["name"]: vector for vector in [*FILE["vectors"], *ML_DSA["vectors"]]
}
PARTY = RelyingParty(FILE["rp_id"], "Example", (FILE["origin"],))
FRAMED = RelyingParty(FILE["rp_id"], "Example", (FILE["origin"],), (FILE["top_origin"],))
UV, BE = 0x04, 0x08

ALLOWED = {
    "none-es256", "packed-self-es256", "none-es256-long-credential-id", "packed-es256", "packed-rs256", "packed-eddsa",
}  # fmt: skip
WITH_ML_DSA = {"none-ml-dsa-44", "packed-self-ml-dsa-44"}
# Asked from a frame of which page it does not say, and from one in a page that this site has not named.
NAMELESS = "none-es256-crossOrigin"
FRAMES = {NAMELESS, "none-es256-topOrigin"}
NOT_ASKED_FOR = {"packed-es384", "packed-es512", "packed-ed448"}  # as their algorithms
# Nobody asks for attestation; what comes nevertheless must be true. Three name makers whose roots are nowhere to be
# found, and py_webauthn wants no AAGUID of a U2F device, which has none but in the vector.
UNTRUE = {"tpm-es256", "android-key-es256", "apple-es256", "fido-u2f-es256"}


def without_statement(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a registration without its attestation, as most authenticators send it."""
    made = cbor2.loads(from_base64url(answer["response"]["attestationObject"]))
    bare = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": made["authData"]})
    return {**answer, "response": {**answer["response"], "attestationObject": to_base64url(bare)}}


def register(
    name: str,
    party: RelyingParty = PARTY,
    *,
    verified: bool = False,
    challenge: str = "",
    bare: bool = False,
) -> NewCredential:
    """Verify the registration of a vector, as it is or without its attestation."""
    vector = VECTORS[name]["registration"]
    return ceremonies.verify_registration(
        read_credential(without_statement(vector["answer"]) if bare else vector["answer"]),
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
        read_credential(vector["answer"]),
        challenge=bytes.fromhex(challenge or vector["challenge"]),
        relying_party=party,
        public_key=key,
        backup_eligible=eligible,
        user_handles=(),
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
    assert len(FILE["vectors"]) == 15
    assert VECTORS.keys() == ALLOWED | WITH_ML_DSA | FRAMES | NOT_ASKED_FOR | UNTRUE


@pytest.mark.parametrize("name", sorted(ALLOWED | WITH_ML_DSA))
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


@pytest.mark.parametrize("name", sorted(WITH_ML_DSA))
def test_known_answers(name: str) -> None:
    """The public key of a seed is the one that NIST says, in the vector and in the software authenticator's words."""
    vector = VECTORS[name]
    key = MLDSA44PrivateKey.from_seed_bytes(bytes.fromhex(vector["seed"]))
    assert cose_public_key(key) == data_of(name, "registration").key
    public_key = cbor2.loads(cose_public_key(key))[-1]
    assert hashlib.sha3_256(public_key).hexdigest() == vector["public_key_sha3_256"]


@pytest.mark.parametrize("name", sorted(FRAMES))
def test_refuses_foreign_frames(name: str) -> None:
    """A page may ask in a frame only if the site has named it (L3 §7.1 step 11)."""
    with pytest.raises(VerificationFailed, match="frame in a foreign page"):
        register(name)


@pytest.mark.parametrize("name", sorted(NOT_ASKED_FOR))
def test_refuses_other_algorithms(name: str) -> None:
    """A key of an algorithm that was not asked for is refused, and for nothing else (L3 §7.1 step 20)."""
    number = cbor2.loads(data_of(name, "registration").key)[3]
    assert number not in algorithms()
    with pytest.raises(VerificationFailed):
        register(name)
    vector = VECTORS[name]["registration"]
    if number in list(COSEAlgorithmIdentifier):
        verify_registration_response(
            credential=vector["answer"],
            expected_challenge=bytes.fromhex(vector["challenge"]),
            expected_rp_id=PARTY.id,
            expected_origin=list(PARTY.origins),
            supported_pub_key_algs=[number],
        )


@pytest.mark.parametrize("name", sorted(UNTRUE))
def test_refuses_untrue_attestation(name: str) -> None:
    """Attestation that cannot be verified is refused, and without it the same registration is not (step 22)."""
    with pytest.raises(VerificationFailed):
        register(name)
    assert (
        register(name, bare=True).aaguid.replace("-", "")
        == data_of(name, "registration").aaguid.hex()
    )


@pytest.mark.parametrize("name", sorted(ALLOWED | WITH_ML_DSA))
def test_requires_verification_where_it_was_asked_for(name: str) -> None:
    """With the default policy an answer without UV is refused, in either ceremony (steps 16 and 17)."""
    made = register(name)
    for ceremony in ("registration", "authentication"):
        verifies = data_of(name, ceremony).flags & UV

        def verify(*, verified: bool, ceremony: str = ceremony) -> object:
            if ceremony == "registration":
                return register(name, verified=verified)
            return sign_in(name, made.public_key, eligible=made.backup_eligible, verified=verified)

        verify(verified=False)  # so nothing else is wrong with it
        if verifies:
            verify(verified=True)
        else:
            with pytest.raises(VerificationFailed):
                verify(verified=True)


def test_takes_a_frame_that_the_site_allows() -> None:
    """A page that the site has named may ask in a frame (L3 §7.1 step 11)."""
    name = "none-es256-topOrigin"
    made = register(name, FRAMED)
    sign_in(name, made.public_key, FRAMED, eligible=made.backup_eligible)
    with pytest.raises(VerificationFailed):
        register(NAMELESS, FRAMED)


@pytest.mark.parametrize("name", sorted(UNTRUE))
def test_takes_the_assertions_of_known_keys(name: str) -> None:
    """What was wrong with these was the attestation: with the key stored, the assertion verifies."""
    data = data_of(name, "registration")
    used = sign_in(name, data.key, eligible=bool(data.flags & BE))
    assert used.sign_count == int.from_bytes(data_of(name, "authentication").sign_count, "big")


# The others are refused whatever their challenge is.
@pytest.mark.parametrize("name", sorted(VECTORS.keys() - NOT_ASKED_FOR - {NAMELESS}))
@pytest.mark.parametrize("ceremony", ["registration", "authentication"])
def test_refuses_a_vector_for_another_challenge(name: str, ceremony: str) -> None:
    """The challenge of one vector is answered by no other (steps 8 and 11)."""
    data = data_of(name, "registration")
    other = VECTORS[name][ceremony]["challenge"][::-1]
    verify: Callable[..., object]
    if ceremony == "registration":
        verify = partial(register, name, FRAMED, bare=name in UNTRUE)
    else:
        verify = partial(sign_in, name, data.key, FRAMED, eligible=bool(data.flags & BE))
    verify()  # so nothing but the challenge is wrong with the next
    with pytest.raises(VerificationFailed):
        verify(challenge=other)
