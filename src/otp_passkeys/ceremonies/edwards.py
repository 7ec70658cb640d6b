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
    top, bottom = _x_squared(y * y, 1)
    # A fraction is a square where the product of its two parts is one; to divide them would take much longer.
    return y < P and pow(top * bottom, (P - 1) // 2, P) in (0, 1)


def is_of_small_order(encoded: bytes) -> bool:
    """Say whether eight times the point is the neutral one, as for eight points of the curve.

    :param encoded: a point, as :func:`is_point` says.
    """
    top, bottom = _y(encoded), 1
    for _ in range(3):
        top, bottom = _doubled(top, bottom)
    return top == bottom  # a y of 1


def _y(encoded: bytes) -> int:
    return int.from_bytes(encoded, "little") % 2**255  # the highest bit is the sign of x


def _x_squared(top: int, bottom: int) -> tuple[int, int]:
    """Solve the curve's equation, -x² + y² = 1 + d x² y², for x², whose divisor is never zero.

    :param top: what is divided in the fraction that y² is; of the result it comes first as well.
    :param bottom: what it is divided by.
    """
    return top - bottom, D * top + bottom


def _doubled(top: int, bottom: int) -> tuple[int, int]:
    """Return the y of twice a point (RFC 8032 §5.1.4): it depends on x² alone, so the sign of x does not matter.

    :param top: what is divided in the fraction that the point's y is; of the result it comes first as well.
    :param bottom: what it is divided by.
    """
    top, bottom = top * top % P, bottom * bottom % P
    x_top, x_bottom = _x_squared(top, bottom)
    doubled = top * x_bottom + x_top * bottom
    return doubled % P, (bottom * x_bottom - D * x_top * top) % P
