"""Public keys of ML-DSA-44 (FIPS 204), and which of them are worth nothing.

A key is a seed of 32 bytes, for the matrix A, and the upper bits of the vector t = A s + e, where s and e are secret
and short. Any bytes load as one. Where t itself is short, s = 0 fits: anybody can sign.
"""

from __future__ import annotations

LENGTH = 1312  # bytes
_SEED = 32  # bytes
_COEFFICIENTS, _BITS = 1024, 10  # of the vector, and of each coefficient (FIPS 204, algorithm 22)
# A coefficient stands for 2¹³ times as much, modulo 2¹³ · 1023 + 1. A vector of coefficients at most this far from zero
# vanishes when the verifier rounds to multiples of 190 464.
_VANISHES = 11


def is_short(public_key: bytes) -> bool:
    """Say whether half of the vector or more is next to zero; in a generated key it is one coefficient in forty.

    :param public_key: 1312 bytes.
    """
    packed = int.from_bytes(public_key[_SEED:], "little")
    largest = (1 << _BITS) - 1  # is next to zero as well, from below
    coefficients = (packed >> _BITS * place & largest for place in range(_COEFFICIENTS))
    short = sum(min(value, largest - value) <= _VANISHES for value in coefficients)
    return short >= _COEFFICIENTS // 2
