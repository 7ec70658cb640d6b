"""Make key pairs, sign with them, and write their public halves."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .wire import cbor

ES256: Final = -7
EDDSA: Final = -8
RS256: Final = -257
ML_DSA_44: Final = -48

PrivateKey = (
    ec.EllipticCurvePrivateKey | Ed25519PrivateKey | rsa.RSAPrivateKey | mldsa.MLDSA44PrivateKey
)


def generate_key(algorithm: int) -> PrivateKey:
    """Make a private key.

    :param algorithm: COSE algorithm: ES256 on P-256, EdDSA on Ed25519, RS256 of 2048 bits, or
        ML-DSA-44, for which `cryptography` needs OpenSSL 3.5 or newer, or one of its kin.
    :raises ValueError: if it is another.
    """
    if algorithm == ES256:
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == EDDSA:
        return Ed25519PrivateKey.generate()
    if algorithm == RS256:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if algorithm == ML_DSA_44:
        return mldsa.MLDSA44PrivateKey.generate()
    raise ValueError(f"The software authenticator has no COSE algorithm {algorithm}.")


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Sign data as the key's algorithm asks (WebAuthn L3 §6.5.5)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(data)


def cose_public_key(key: PrivateKey) -> bytes:
    """Write the public key as a COSE key in CBOR (WebAuthn L3 §5.8.5, RFC 9053, RFC 9964)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return cbor({1: 2, 3: ES256, -1: 1, -2: x, -3: y})
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        n, e = ((v.bit_length() + 7) // 8 for v in (numbers.n, numbers.e))
        return cbor(
            {1: 3, 3: RS256, -1: numbers.n.to_bytes(n, "big"), -2: numbers.e.to_bytes(e, "big")}
        )
    if isinstance(key, mldsa.MLDSA44PrivateKey):
        return cbor({1: 7, 3: ML_DSA_44, -1: key.public_key().public_bytes_raw()})
    return cbor({1: 1, 3: EDDSA, -1: 6, -2: key.public_key().public_bytes_raw()})


def spki_public_key(key: PrivateKey) -> bytes:
    """Write the public key as DER SubjectPublicKeyInfo, what `getPublicKey()` gives a page."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
