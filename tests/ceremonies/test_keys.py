"""No key is stored that is not of the kind that its algorithm names (WebAuthn L3 §5.8.5)."""

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from otp_passkeys.ceremonies import require_sound_key
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.testing import EDDSA, ES256, RS256, Authenticator

from ..helpers.ceremonies import ask_to_create, create, verify_created
from ..hostile import keys, other_keys, weak_keys
from ..hostile.case import Case
from ..hostile.parts import Parts
from ..hostile.weak_keys import X_ZERO, Y_FIVE

KTY, ALG, CRV, X, Y = 1, 3, -1, -2, -3
N, E = -1, -2
OKP, EC2, RSA = 1, 2, 3
P256, P384, ED25519, ED448 = 1, 2, 6, 7


def point(curve: ec.EllipticCurve, name: int) -> dict[int, Any]:
    """Return a COSE key on a curve."""
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
    return {KTY: EC2, ALG: ES256, CRV: name, X: x, Y: y}


def modulus(bits: int) -> dict[int, Any]:
    """Return an RSA COSE key, which nobody can sign with: to look for primes takes long."""
    return {KTY: RSA, ALG: RS256, N: b"\xb5" * (bits // 8), E: b"\x01\x00\x01"}


RAW = (Encoding.Raw, PublicFormat.Raw)
EDWARDS = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*RAW)
EDWARDS_448 = ed448.Ed448PrivateKey.generate().public_key().public_bytes(*RAW)
GOOD = point(ec.SECP256R1(), P256)
GOOD_EDWARDS = {KTY: OKP, ALG: EDDSA, CRV: ED25519, X: EDWARDS}
GOOD_RSA = modulus(2048)
LONGEST_EXPONENT = b"\x80" + b"\x00" * 6 + b"\x01"


@pytest.mark.parametrize(
    "key",
    [
        GOOD, GOOD_EDWARDS, GOOD_RSA, modulus(3072), GOOD_RSA | {N: b"\xff" * 1024},
        GOOD_RSA | {E: LONGEST_EXPONENT},
    ],
)  # fmt: skip
def test_takes_sound_keys(key: dict[int, Any]) -> None:
    """A key of each kind is stored as it came (the nine, 7)."""
    encoded = cbor2.dumps(key)
    assert verify_created(create(public_key=encoded)).public_key == encoded


@pytest.mark.parametrize(
    "case",
    [*keys.registrations(), *other_keys.registrations(), *weak_keys.registrations()],
    ids=lambda case: case.name,
)
def test_refuses_each_key_of_the_corpus(case: Case) -> None:
    """Off the curve, of another kind or number type, weak, or none at all (the nine, 7; steps 13 and 20)."""
    authenticator = Authenticator()
    credential = authenticator.create(ask_to_create())
    holder = authenticator.credentials[0]
    with pytest.raises(VerificationFailed):
        verify_created(case.make(Parts(credential, holder, holder)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key",
    [
        GOOD | {X: GOOD[X] + b"\x00"}, GOOD | {X: b"", Y: b""}, GOOD | {ALG: 2**70},
        GOOD_EDWARDS | {CRV: ED448, X: EDWARDS_448}, GOOD_EDWARDS | {X: EDWARDS + b"\x00"},
        GOOD_EDWARDS | {ALG: -48}, GOOD_RSA | {ALG: -48}, modulus(1024),
        GOOD_RSA | {E: b"\x01" + LONGEST_EXPONENT}, GOOD_RSA | {N: b"\x01" + b"\xff" * 1024},
    ],
)  # fmt: skip
def test_refuses_unsound_keys(key: dict[int, Any]) -> None:
    """So are these, some of them a byte or a bit beyond what is taken (the nine, 7)."""
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=cbor2.dumps(key)))


@pytest.mark.parametrize("label", [X, Y])
@pytest.mark.parametrize("longer", [True, False])
def test_refuses_a_coordinate_of_another_length(label: int, longer: bool) -> None:
    """A coordinate of P-256 has 32 bytes, whatever number they make (step 20)."""
    key = GOOD
    while not longer and key[label][0]:  # until the first byte may be left out
        key = point(ec.SECP256R1(), P256)
    coordinate = b"\x00" + key[label] if longer else key[label][1:]
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=cbor2.dumps(key | {label: coordinate})))


@pytest.mark.parametrize("point", [X_ZERO, Y_FIVE])
def test_takes_small_coordinates(point: tuple[int, int]) -> None:
    """A point with a coordinate of few bits is a point like any other."""
    x, y = (number.to_bytes(32, "big") for number in point)
    verify_created(create(public_key=cbor2.dumps(GOOD | {X: x, Y: y})))


@pytest.mark.parametrize(
    "encoded",
    [
        cbor2.dumps(GOOD)[:-1], cbor2.dumps(GOOD)[:10], cbor2.dumps(b"\x04" + GOOD[X] + GOOD[Y]),
        cbor2.dumps(5), b"\xff",
    ],
    ids=["last byte missing", "cut off", "point as bytes", "number", "break"],
)  # fmt: skip
def test_refuses_what_is_no_cose_key(encoded: bytes) -> None:
    """Truncated, or in another format: refused (step 13)."""
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=encoded))


def test_algorithm_that_is_not_verified() -> None:
    """A key that a registration could not have, as another package may store it, is refused for its algorithm."""
    key = cbor2.dumps({**point(ec.SECP384R1(), P384), ALG: -35})
    with pytest.raises(VerificationFailed) as caught:
        require_sound_key(key)
    assert "algorithm of the public key (-35) is not verified here" in caught.value.reason
