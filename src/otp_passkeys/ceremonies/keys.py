"""Which public keys are taken (WebAuthn L3 §5.8.5)."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..exceptions import VerificationFailed
from . import edwards, ml_dsa
from .library import guarded

EDDSA, ES256, RS256, ML_DSA_44 = -8, -7, -257, -48  # COSE numbers
MAX_LENGTH = 4096  # bytes of a COSE key
_P256_COORDINATE = 32  # bytes
_RSA_KEY_BITS = range(2048, 8193)
_RSA_EXPONENT_BITS = 64


@cache
def algorithms() -> tuple[int, ...]:
    """Return the COSE numbers of the algorithms that are offered and taken, best first.

    ML-DSA-44 (RFC 9964) comes last, and only where the installed ``cryptography`` can verify it. That depends on the
    library that it was built with, so it is asked, once in a process.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

    everywhere = (EDDSA, ES256, RS256)
    try:
        MLDSA44PublicKey.from_public_bytes(bytes(ml_dsa.LENGTH))
    except UnsupportedAlgorithm:
        return everywhere
    return (*everywhere, ML_DSA_44)


def require_sound_key(cose_key: bytes) -> None:
    """Refuse a public key that would make every later sign-in fail, or let anybody sign in.

    The key is loaded here, once, when it is registered.

    :param cose_key: a COSE key.
    :raises VerificationFailed: if its algorithm is none of :func:`algorithms`, if it is not of the kind that the
        algorithm names (L3 §5.8.5), or too long, or if anybody could sign for it.
    """
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    if len(cose_key) > MAX_LENGTH:
        raise VerificationFailed("public key is too long")

    def explain(error: Exception) -> str:
        return f"the public key is not valid for its algorithm ({type(error).__name__})"

    decoded: Any = guarded(lambda: decode_credential_public_key(cose_key), explain)
    if decoded.alg not in algorithms():
        named = decoded.alg if type(decoded.alg) is int else "no integer"
        raise VerificationFailed(f"algorithm of the public key ({named}) is not verified here")
    key = guarded(lambda: decoded_public_key_to_cryptography(decoded), explain)
    names = (decoded.kty, decoded.alg, getattr(decoded, "crv", 1))
    # The library takes -7.0 for -7.
    if any(type(name) is not int for name in names) or not _KINDS[decoded.alg](decoded, key):
        raise VerificationFailed("public key is not of the kind that its algorithm names")
    if _is_anybodys(decoded):
        raise VerificationFailed("public key is one that anybody can sign for")


def _is_anybodys(decoded: Any) -> bool:
    """Say whether a key is known to need no private key."""
    if decoded.alg == EDDSA:
        return edwards.is_of_small_order(decoded.x)
    return decoded.alg == ML_DSA_44 and ml_dsa.is_short(decoded.pub)


def _is_p256(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec

    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        return False
    # OpenSSL reduces coordinates that are not below the prime: the same key in another spelling.
    numbers = key.public_numbers()
    return (decoded.x, decoded.y) == tuple(
        number.to_bytes(_P256_COORDINATE, "big") for number in (numbers.x, numbers.y)
    )


def _is_ed25519(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return isinstance(key, ed25519.Ed25519PublicKey) and edwards.is_point(decoded.x)


def _is_rsa(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not isinstance(key, rsa.RSAPublicKey) or key.key_size not in _RSA_KEY_BITS:
        return False
    # OpenSSL loads an even modulus, and a long exponent beside a modulus of over 3 072 bits, and verifies nothing with
    # them.
    numbers = key.public_numbers()
    return numbers.n % 2 == 1 and numbers.e.bit_length() <= _RSA_EXPONENT_BITS


def _is_ml_dsa_44(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import mldsa

    return isinstance(key, mldsa.MLDSA44PublicKey)


_KINDS = {EDDSA: _is_ed25519, ES256: _is_p256, RS256: _is_rsa, ML_DSA_44: _is_ml_dsa_44}
