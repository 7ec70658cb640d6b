"""Which bytes are a public key of Ed25519 that only its owner can sign for (RFC 8032 §5.1.3; the nine, 7)."""

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from otp_passkeys.ceremonies.edwards import is_of_small_order, is_point
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.testing import EDDSA

from ..helpers.ceremonies import Holder, create, verify_created
from ..hostile.weak_keys import (
    NO_POINT,
    NOT_REDUCED,
    P25519,
    SMALL_ORDER,
    SMALL_ORDER_NOT_REDUCED,
    encoded,
)

# The public keys of RFC 8032 §7.1.
PUBLISHED = (
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
)


def verify(encoded_point: bytes) -> bytes:
    """Register a passkey with an Ed25519 key; return the key that would be stored."""
    key = cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: encoded_point})
    return verify_created(create(public_key=key)).public_key


@pytest.mark.parametrize("key", PUBLISHED)
def test_takes_published_keys(key: str) -> None:
    """The keys of the RFC are sound."""
    assert verify(bytes.fromhex(key)).endswith(bytes.fromhex(key))


def test_takes_made_keys() -> None:
    """Whatever private key there is, its public key is sound."""
    for _ in range(100):
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        assert is_point(key)
        assert not is_of_small_order(key)


def test_signs_in() -> None:
    """The authenticator's own key is stored, and verifies."""
    holder = Holder(algorithm=EDDSA)
    holder.verify(holder.get())


@pytest.mark.parametrize("number", {**SMALL_ORDER, **SMALL_ORDER_NOT_REDUCED}.values())
def test_refuses_points_of_small_order(number: int) -> None:
    """Anybody could sign in with such a key, without any private key: refused, in every encoding."""
    with pytest.raises(VerificationFailed):
        verify(encoded(number))


def test_small_order() -> None:
    """Each of the fourteen encodings is of small order, and no other small y is one."""
    numbers = [*SMALL_ORDER.values(), *SMALL_ORDER_NOT_REDUCED.values()]
    assert len(set(numbers)) == 14
    assert all(is_of_small_order(encoded(number)) for number in numbers)
    # What is not reduced is the same point as what is.
    assert not any(is_of_small_order(encoded(number % P25519)) for number in NOT_REDUCED.values())


@pytest.mark.parametrize("number", [*NOT_REDUCED.values(), *SMALL_ORDER_NOT_REDUCED.values()])
def test_refuses_other_spellings(number: int) -> None:
    """A y that is not below the prime is refused (step 1): the same key would have two spellings."""
    assert not is_point(encoded(number))
    assert is_point(encoded(number % 2**255 - P25519))
    with pytest.raises(VerificationFailed):
        verify(encoded(number))


@pytest.mark.parametrize("number", NO_POINT.values())
def test_refuses_what_is_no_point(number: int) -> None:
    """Without an x for its y (step 3) a key would be stored with which no sign-in is ever verified."""
    assert not is_point(encoded(number))
    with pytest.raises(VerificationFailed):
        verify(encoded(number))
