"""Where a CBOR item ends, found without decoding it.

cbor2 makes dates, fractions and regular expressions of what is tagged so, and a pattern of 30 kB keeps it busy for many
seconds; keys can be numbers that all have one hash. Authenticators write none of that (CTAP 2.1 §8), so it is refused
here, before cbor2 or py_webauthn reads a byte.
"""

from __future__ import annotations

MAX_DEPTH = 16  # CTAP 2.1 §8 allows four
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_KEYS = {_UNSIGNED, _NEGATIVE, _TEXT}
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}  # bytes that follow the first one and are the argument
_SIMPLE_VALUES = {20, 21, 22, 23, 25, 26, 27}  # false, true, null, undefined, and floats


def end_of_map(data: bytes, start: int = 0) -> int:
    """Return the position after the map that begins at a position.

    :param data: bytes that hold it.
    :param start: where it begins.
    :raises ValueError: if no complete map begins there, or one with tags, indefinite lengths, keys that are
        neither integers nor text, or more than 16 levels.
    """
    if data[start : start + 1] == b"" or data[start] >> 5 != _MAP:
        raise ValueError("no map")
    return _end(data, start, MAX_DEPTH)


def _end(data: bytes, start: int, depth: int) -> int:
    if depth == 0:
        raise ValueError("too deep")
    kind, argument, position = _head(data, start)
    if kind in (_BYTES, _TEXT):
        position += argument
    elif kind in (_ARRAY, _MAP):
        # Each item takes a byte at least, so a claimed length makes no longer loop than the data.
        for _ in range(argument):
            if kind == _MAP:
                if _head(data, position)[0] not in _KEYS:
                    raise ValueError("key is neither an integer nor text")
                position = _end(data, position, depth - 1)
            position = _end(data, position, depth - 1)
    if position > len(data):
        raise ValueError("cut")
    return position


def _head(data: bytes, start: int) -> tuple[int, int, int]:
    """Return the major type, the argument, and the position after them (RFC 8949 §3)."""
    if start >= len(data):
        raise ValueError("cut")
    kind, information = data[start] >> 5, data[start] & 31
    if kind == _TAG or (kind == _SIMPLE and information not in _SIMPLE_VALUES):
        raise ValueError("tag, or a simple value without a meaning")
    if information > 27:
        raise ValueError("indefinite length")
    position = start + 1 + _LENGTHS.get(information, 0)
    if information < 24:
        return kind, information, position
    return kind, int.from_bytes(data[start + 1 : position], "big"), position
