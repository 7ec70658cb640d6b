"""Keys that no signature fits, that anybody can sign for, or that are spelt in a way that is not theirs."""

from collections.abc import Iterator

from .case import Case
from .keys import KIND, but, good, with_key
from .other_keys import edwards, lattice

WEAK = "public key is one that anybody can sign for"
P25519, P256 = 2**255 - 19, 2**256 - 2**224 + 2**192 + 2**96 - 1
SIGN = 2**255  # of x, in the highest bit

# The eight points of Ed25519 whose order divides eight, in their fourteen encodings: the sign of an x that is zero, and
# the y of two of them, can be written in two ways.
Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
SMALL_ORDER = {
    "neutral": 1,
    "neutral, x negative": 1 + SIGN,
    "of order 2": P25519 - 1,
    "of order 2, x negative": P25519 - 1 + SIGN,
    "of order 4": 0,
    "of order 4, x negative": SIGN,
    "of order 8": Y8,
    "of order 8, x negative": Y8 + SIGN,
    "of order 8, y negative": P25519 - Y8,
    "of order 8, both negative": P25519 - Y8 + SIGN,
}
SMALL_ORDER_NOT_REDUCED = {
    "of order 4, y not reduced": P25519,
    "of order 4, y not reduced, x negative": P25519 + SIGN,
    "neutral, y not reduced": P25519 + 1,
    "neutral, y not reduced, x negative": P25519 + 1 + SIGN,
}
# Points of large order whose y is small enough to be written with the prime added to it.
NOT_REDUCED = {
    f"y {y} and the prime{sign}": P25519 + y + number
    for y in (3, 4, 5, 6, 9, 10, 14, 15, 16, 18)
    for sign, number in {"": 0, ", x negative": SIGN}.items()
}
NO_POINT = {f"y {y}": y for y in (2, 7, 8, 11, 12, 13, 17)} | {
    "y 2, x negative": 2 + SIGN,
    "y not reduced, and no point": P25519 + 2,
}

# P-256 has points with a coordinate small enough for the prime to be added to it within 32 bytes.
X_ZERO = (0, 0x66485C780E2F83D72433BD5D84A06BB6541C2AF31DAE871728BF856A174F93F4)
Y_FIVE = (0x0D7325D7646CD60D80A92738CEB345F844CFFAF35841022CAB176F692DE8DE1D7, 5)
COORDINATES_NOT_REDUCED = {
    "x not reduced": (X_ZERO[0] + P256, X_ZERO[1]),
    "y not reduced": (Y_FIVE[0], Y_FIVE[1] + P256),
}


# Vectors of ML-DSA-44 that vanish when the verifier rounds: each coefficient stands for 2¹³ times as much, and the
# largest for -1.
VECTORS = {
    "of zeros": [0] * 1024,
    "of the largest": [1023] * 1024,
    "of both": [0, 1023] * 512,
    "short": [11, *[0] * 255] * 4,
    "short, from below": [1012, *[1023] * 255] * 4,
    "short for half of it": [11] * 512 + [512] * 512,
}


def packed(vector: list[int]) -> bytes:
    """Write a public key of ML-DSA-44 with a vector (FIPS 204, algorithm 22)."""
    bits = sum(value << 10 * place for place, value in enumerate(vector))
    return b"A" * 32 + bits.to_bytes(1280, "little")


def encoded(number: int) -> bytes:
    """Write y and the sign of x as Ed25519 does (RFC 8032 §5.1.2)."""
    return number.to_bytes(32, "little")


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration; in a sign-in the key is the stored one."""
    for name, number in SMALL_ORDER.items():
        yield Case(f"Ed25519, {name}", with_key(but(edwards, x=encoded(number))), WEAK)
    for name, number in {**SMALL_ORDER_NOT_REDUCED, **NOT_REDUCED, **NO_POINT}.items():
        yield Case(f"Ed25519, {name}", with_key(but(edwards, x=encoded(number))), KIND)
    for name, vector in VECTORS.items():
        yield Case(f"ML-DSA, vector {name}", with_key(but(lattice, pub=packed(vector))), WEAK)
    yield Case("ML-DSA, all zeros", with_key(but(lattice, pub=bytes(1312))), WEAK)
    for name, (x, y) in COORDINATES_NOT_REDUCED.items():
        point = but(good, x=x.to_bytes(32, "big"), y=y.to_bytes(32, "big"))
        yield Case(f"P-256, {name}", with_key(point), KIND)
