"""Points of Ed25519 (RFC 8032 §5.1): which bytes encode one, and which of them are worth nothing as a public key.

OpenSSL loads any 32 bytes, and looks at them only when a signature is verified. No signature fits a key that is no
point. A point of small order, which no private key leads to, vanishes from the equation that is verified: anybody finds
a signature that it lets through.
"""

from __future__ import annotations

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def is_point(encoded: bytes) -> bool:
    """Say whether bytes encode a point of the curve, in the one way that is allowed (RFC 8032 §5.1.3).

    :param encoded: 32 bytes.
    """
    y = _y(encoded)
    return y < P and pow(_x_squared(y), (P - 1) // 2, P) in (0, 1)


def is_of_small_order(encoded: bytes) -> bool:
    """Say whether eight times the point is the neutral one, as for eight points of the curve.

    :param encoded: a point, as :func:`is_point` says.
    """
    y = _y(encoded)
    for _ in range(3):
        y = _doubled(y)
    return y == 1


def _y(encoded: bytes) -> int:
    return int.from_bytes(encoded, "little") % 2**255  # the highest bit is the sign of x


def _x_squared(y: int) -> int:
    """Solve the curve's equation, -x² + y² = 1 + d x² y²; the divisor is never zero."""
    return (y * y - 1) * pow(D * y * y + 1, -1, P) % P


def _doubled(y: int) -> int:
    """Return the y of twice a point (RFC 8032 §5.1.4): it depends on x² alone, so the sign of x does not matter."""
    x_squared = _x_squared(y)
    return (y * y + x_squared) * pow(1 - D * x_squared * y * y, -1, P) % P
