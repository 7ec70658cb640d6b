"""No key is stored that is not of the kind that its algorithm names (WebAuthn L3 §5.8.5)."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from otp_passkeys.ceremonies import require_sound_key
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.testing import EDDSA, ES256, RS256

from ..helpers.ceremonies import create, verify_created
from ..hostile.weak_keys import COORDINATES_NOT_REDUCED, X_ZERO, Y_FIVE

KTY, ALG, CRV, X, Y = 1, 3, -1, -2, -3
N, E = -1, -2
OKP, EC2, RSA = 1, 2, 3
P256, P384, P521, X25519, ED25519, ED448 = 1, 2, 3, 4, 6, 7


def point(curve: ec.EllipticCurve, name: int) -> dict[int, Any]:
    """Return a COSE key on a curve."""
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
    return {KTY: EC2, ALG: ES256, CRV: name, X: x, Y: y}


def modulus(bits: int) -> dict[int, Any]:
    """Return an RSA COSE key."""
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {KTY: RSA, ALG: RS256, N: numbers.n.to_bytes(bits // 8, "big"), E: b"\x01\x00\x01"}


RAW = (Encoding.Raw, PublicFormat.Raw)
EDWARDS = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*RAW)
EDWARDS_448 = ed448.Ed448PrivateKey.generate().public_key().public_bytes(*RAW)
GOOD = point(ec.SECP256R1(), P256)
GOOD_EDWARDS = {KTY: OKP, ALG: EDDSA, CRV: ED25519, X: EDWARDS}
GOOD_RSA = modulus(2048)
LONGEST_EXPONENT = b"\x80" + b"\x00" * 6 + b"\x01"


def without(key: dict[int, Any], *labels: int) -> dict[int, Any]:
    """Leave labels out."""
    return {label: value for label, value in key.items() if label not in labels}


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
    "key",
    [
        GOOD | {X: bytes(32), Y: bytes(32)}, GOOD | {Y: GOOD[X]}, GOOD | {X: b"\xff" * 32},
        GOOD | {X: GOOD[X][:31]}, GOOD | {X: GOOD[X] + b"\x00"}, GOOD | {X: b"", Y: b""},
        GOOD | {X: 5}, GOOD | {X: "text"}, GOOD | {X: list(GOOD[X])}, GOOD | {Y: True},
        GOOD | {Y: None}, GOOD | {CRV: P384}, GOOD | {CRV: 0}, GOOD | {CRV: "P-256"},
        GOOD | {CRV: 1.0}, GOOD | {CRV: True}, GOOD | {KTY: 2.0}, point(ec.SECP384R1(), P384),
        point(ec.SECP521R1(), P521), point(ec.SECP384R1(), P384) | {ALG: -35},
        point(ec.SECP521R1(), P521) | {ALG: -36}, GOOD | {ALG: -7.0}, GOOD | {ALG: -8},
        GOOD | {ALG: -257}, GOOD | {ALG: -47}, GOOD | {ALG: -48}, GOOD | {ALG: None},
        GOOD | {ALG: [-7]}, GOOD | {ALG: 2**70}, GOOD | {KTY: OKP}, GOOD | {KTY: RSA},
        GOOD | {KTY: 7}, GOOD | {KTY: 99}, GOOD | {KTY: [2]}, without(GOOD, KTY),
        without(GOOD, ALG), without(GOOD, CRV), without(GOOD, X), without(GOOD, Y),
    ],
)  # fmt: skip
def test_refuses_unsound_points(key: dict[int, Any]) -> None:
    """Off the curve, on another, of another kind or number type: refused (the nine, 7)."""
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


@pytest.mark.parametrize("point", COORDINATES_NOT_REDUCED.values())
def test_refuses_coordinates_that_are_not_reduced(point: tuple[int, int]) -> None:
    """A coordinate is below the prime: with the prime added to it, one key would have two spellings (step 20)."""
    x, y = (number.to_bytes(32, "big") for number in point)
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=cbor2.dumps(GOOD | {X: x, Y: y})))


@pytest.mark.parametrize(
    "key",
    [
        GOOD_EDWARDS | {CRV: X25519},
        GOOD_EDWARDS | {CRV: ED448, X: EDWARDS_448},
        GOOD_EDWARDS | {CRV: P256},
        GOOD_EDWARDS | {X: EDWARDS_448},
        GOOD_EDWARDS | {X: EDWARDS[:31]},
        GOOD_EDWARDS | {X: EDWARDS + b"\x00"},
        GOOD_EDWARDS | {X: "text"},
        GOOD_EDWARDS | {ALG: -7},
        GOOD_EDWARDS | {ALG: -8.0},
        GOOD_EDWARDS | {ALG: -48},
        GOOD_EDWARDS | {KTY: EC2},
        without(GOOD_EDWARDS, X),
        without(GOOD_EDWARDS, CRV),
    ],
)
def test_refuses_unsound_edwards_keys(key: dict[int, Any]) -> None:
    """-8 is Ed25519 and nothing else (the nine, 7)."""
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=cbor2.dumps(key)))


@pytest.mark.parametrize(
    "key",
    [
        modulus(1024),
        GOOD_RSA | {N: b"\x00" * 128 + modulus(1024)[N]},
        GOOD_RSA | {N: b"\x01" + b"\xff" * 1024},
        GOOD_RSA | {N: b"\xff" * 30_000},
        GOOD_RSA | {N: b""},
        GOOD_RSA | {N: 2**2047 + 1},
        GOOD_RSA | {E: b""},
        GOOD_RSA | {E: b"\x00"},
        GOOD_RSA | {E: b"\x01"},
        GOOD_RSA | {E: b"\x02"},
        GOOD_RSA | {E: b"\xff" * 400},
        GOOD_RSA | {E: b"\x01" + LONGEST_EXPONENT},
        GOOD_RSA | {N: GOOD_RSA[N][:-1] + b"\x02"},
        GOOD_RSA | {ALG: -7},
        GOOD_RSA | {ALG: -257.0},
        GOOD_RSA | {ALG: -65535},
        GOOD_RSA | {ALG: -258},
        GOOD_RSA | {ALG: -37},
        GOOD_RSA | {ALG: -48},
        GOOD_RSA | {KTY: EC2},
        without(GOOD_RSA, N),
        without(GOOD_RSA, E),
    ],
)
def test_refuses_unsound_rsa_keys(key: dict[int, Any]) -> None:
    """Too short or too long, or with numbers that prove nothing, or that nothing is ever verified with: refused."""
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=cbor2.dumps(key)))


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param(cbor2.dumps(GOOD)[:-1], id="last byte missing"),
        pytest.param(cbor2.dumps(GOOD)[:10], id="cut off"),
        pytest.param(cbor2.dumps(GOOD) + b"\x00", id="byte behind it"),
        pytest.param(cbor2.dumps([GOOD]), id="in an array"),
        pytest.param(cbor2.dumps(b"\x04" + GOOD[X] + GOOD[Y]), id="point as bytes"),
        pytest.param(cbor2.dumps("text"), id="text"),
        pytest.param(cbor2.dumps(5), id="number"),
        pytest.param(b"\x04" + GOOD[X] + GOOD[Y], id="point"),
        pytest.param(b"\xff", id="break"),
        pytest.param(
            b"\xa6" + cbor2.dumps(GOOD)[1:] + cbor2.dumps(ALG) + cbor2.dumps(ES256),
            id="member twice",
        ),
    ],
)
def test_refuses_what_is_no_cose_key(encoded: bytes) -> None:
    """Truncated, followed by bytes, in another format, or with a label twice: refused (step 13)."""
    with pytest.raises(VerificationFailed):
        verify_created(create(public_key=encoded))


def test_algorithm_that_is_not_verified() -> None:
    """A key that a registration could not have, as another package may store it, is refused for its algorithm."""
    key = cbor2.dumps({**point(ec.SECP384R1(), P384), ALG: -35})
    with pytest.raises(VerificationFailed) as caught:
        require_sound_key(key)
    assert "algorithm of the public key (-35) is not verified here" in caught.value.reason
