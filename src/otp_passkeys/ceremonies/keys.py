"""Which public keys are taken (WebAuthn L3 §5.8.5)."""

from __future__ import annotations

from typing import Any

from ..exceptions import VerificationFailed
from . import edwards
from .library import guarded

ES256, EDDSA, RS256 = -7, -8, -257  # COSE numbers
P256_COORDINATE = 32  # bytes
RSA_KEY_BITS = range(2048, 8193)
RSA_EXPONENT_BITS = 64


def require_sound_key(cose_key: bytes) -> None:
    """Refuse a public key that would make every later sign-in fail, or let anybody sign in.

    The key is loaded here, once, when it is registered.

    :param cose_key: a COSE key, whose algorithm is one that was offered.
    :raises VerificationFailed: if it is not of the kind that its algorithm names (L3 §5.8.5), or proves nothing.
    """
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    decoded: Any = guarded(lambda: decode_credential_public_key(cose_key))
    key = guarded(lambda: decoded_public_key_to_cryptography(decoded))
    names = (decoded.kty, decoded.alg, getattr(decoded, "crv", 1))
    # The library takes -7.0 for -7.
    if any(type(name) is not int for name in names) or not _KINDS[decoded.alg](decoded, key):
        raise VerificationFailed("public key is not of the kind that its algorithm names")
    if decoded.alg == EDDSA and edwards.is_of_small_order(decoded.x):
        raise VerificationFailed("public key is one that anybody can sign for")


def _is_p256(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec

    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        return False
    # OpenSSL reduces coordinates that are not below the prime: the same key in another spelling.
    numbers = key.public_numbers()
    return (decoded.x, decoded.y) == tuple(
        number.to_bytes(P256_COORDINATE, "big") for number in (numbers.x, numbers.y)
    )


def _is_ed25519(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return isinstance(key, ed25519.Ed25519PublicKey) and edwards.is_point(decoded.x)


def _is_rsa(decoded: Any, key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import rsa

    if not isinstance(key, rsa.RSAPublicKey) or key.key_size not in RSA_KEY_BITS:
        return False
    # OpenSSL loads an even modulus, and a long exponent beside a modulus of over 3 072 bits, and verifies nothing with
    # them.
    numbers = key.public_numbers()
    return numbers.n % 2 == 1 and numbers.e.bit_length() <= RSA_EXPONENT_BITS


_KINDS = {ES256: _is_p256, EDDSA: _is_ed25519, RS256: _is_rsa}
