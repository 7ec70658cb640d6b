"""ML-DSA-44 (RFC 9964): offered last, taken at the real addresses, and only where it can be verified."""

import hashlib
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.ceremonies.keys import algorithms
from otp_passkeys.ceremonies.ml_dsa import is_short
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.models import Passkey
from otp_passkeys.testing import ES256, ML_DSA_44, Authenticator, register, sign_in

from ..helpers.ceremonies import Holder, create, verify_created
from ..helpers.steps import SignedIn, answer, ask, is_signed_in, outcome
from ..hostile.other_keys import LONGEST, padded
from ..hostile.weak_keys import VECTORS, packed


@pytest.fixture
def authenticator() -> Authenticator:
    """Return an authenticator that has no other algorithm."""
    return Authenticator(algorithms=[ML_DSA_44])


@pytest.fixture
def older_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let cryptography be built with an OpenSSL from before ML-DSA, which says so as here."""

    def refuse(data: bytes) -> MLDSA44PublicKey:
        raise UnsupportedAlgorithm("ML-DSA-44 is not supported by this backend.")

    monkeypatch.setattr(MLDSA44PublicKey, "from_public_bytes", refuse)
    algorithms.cache_clear()
    yield
    algorithms.cache_clear()


def offered(client: Client) -> list[int]:
    """Return the algorithms that are asked for, best first."""
    return [each["alg"] for each in ask(client, "register-options")["pubKeyCredParams"]]


def test_is_offered_last(browser: Client) -> None:
    """An authenticator that has another one uses that."""
    assert offered(browser) == [-8, -7, -257, -48]
    assert register(browser, Authenticator(algorithms=[ML_DSA_44, ES256])).status_code == 201
    assert cbor2.loads(bytes(Passkey.objects.get().public_key))[3] == ES256


@pytest.mark.parametrize("attestation", ["none", "packed"])
def test_both_ceremonies(authenticator: Authenticator, attestation: Any, browser: Client) -> None:
    """A passkey is added, signs in, and confirms, with a self attestation and without one."""
    added = register(browser, authenticator, attestation=attestation)
    assert added.status_code == 201
    key = cbor2.loads(bytes(Passkey.objects.get().public_key))
    assert (key[1], key[3], len(key[-1])) == (7, -48, 1312)
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert is_signed_in(client)
    assert sign_in(client, authenticator).status_code == 200
    assert Passkey.objects.get().last_used_at


def test_refuses_another_keys_signature(authenticator: Authenticator, browser: Client) -> None:
    """A signature by another key of the kind signs nobody in."""
    register(browser, authenticator)
    authenticator.credentials[0].private_key = MLDSA44PrivateKey.generate()
    client = Client()
    made = authenticator.get(ask(client, "authenticate-options"))
    assert outcome(answer(client, "authenticate", made)) == "verification_failed"
    assert not is_signed_in(client)


@pytest.mark.usefixtures("older_library")
def test_is_not_offered_where_it_cannot_be_verified(
    authenticator: Authenticator, browser: Client
) -> None:
    """The library is asked; a key that comes nevertheless is refused, as no sign-in with it could be verified."""
    assert offered(browser) == [-8, -7, -257]
    made = authenticator.create(ask(browser, "register-options"), algorithm=ML_DSA_44)
    assert outcome(answer(browser, "register", made)) == "verification_failed"
    assert register(browser, Authenticator()).status_code == 201


def test_library_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was built with does not change while a process lives."""
    assert ML_DSA_44 in algorithms()
    monkeypatch.delattr(MLDSA44PublicKey, "from_public_bytes")
    assert ML_DSA_44 in algorithms()


def forged(public_key: bytes, message: bytes) -> bytes:
    """Make a signature without a private key, out of zeros (FIPS 204, algorithms 7 and 8)."""
    digest = hashlib.shake_256(public_key).digest(64)
    mu = hashlib.shake_256(digest + b"\0\0" + message).digest(64)
    commitment = hashlib.shake_256(mu + bytes(768)).digest(32)
    zeros = sum(2**17 << 18 * place for place in range(256)).to_bytes(576, "little")
    return commitment + zeros * 4 + bytes(84)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_refuses_short_vectors(vector: list[int]) -> None:
    """For such a key anybody could sign, as is tried here: it is refused."""
    key = packed(vector)
    if 512 not in vector:
        MLDSA44PublicKey.from_public_bytes(key).verify(forged(key, b"any message"), b"any message")
    with pytest.raises(VerificationFailed, match="anybody can sign"):
        verify_created(create(public_key=cbor2.dumps({1: 7, 3: ML_DSA_44, -1: key})))


def test_takes_made_keys() -> None:
    """No key that was made is short, nor is one of which a part is."""
    for _ in range(50):
        assert not is_short(MLDSA44PrivateKey.generate().public_key().public_bytes_raw())
    assert not is_short(packed([11] * 511 + [512] * 513))
    assert not is_short(packed([12] * 1024))
    assert not is_short(packed([1011] * 1024))


@pytest.mark.parametrize("sound", LONGEST.values(), ids=LONGEST)
def test_longest_key(sound: Any) -> None:
    """A key may have 4 096 bytes, members that nobody knows included, and no byte more."""
    longest = padded(sound, 4096)
    assert verify_created(create(public_key=longest)).public_key == longest
    with pytest.raises(VerificationFailed, match="too long"):
        verify_created(create(public_key=padded(sound, 4097)))


def test_longest_key_is_stored(alice: User, signed_in: SignedIn) -> None:
    """T14: a key of 4 096 bytes fits on every database."""
    longest = padded(LONGEST["ML-DSA"], 4096)
    assert register(signed_in(alice), Authenticator(), public_key=longest).status_code == 201
    passkey = Passkey.objects.get()
    assert bytes(passkey.public_key) == longest
    passkey.full_clean()


def test_signature_is_bound_to_its_message() -> None:
    """What was signed for one challenge verifies for no other."""
    holder = Holder(algorithm=ML_DSA_44)
    made = holder.get()
    holder.verify(made)
    with pytest.raises(VerificationFailed):
        holder.verify(made, challenge=b"x" * 75)
