"""Where a CBOR map ends, and what is no map of an authenticator."""

import time

import cbor2
import pytest

from otp_passkeys.cbor import MAX_DEPTH, end_of_map

from .hostile.cbor import HOSTILE, OTHER

# cbor2 refuses these when it decodes the map; they are as long as they say.
LEFT_TO_CBOR2 = {"text that is not UTF-8", "text of half a surrogate", "map with a key twice"}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": 1, -1: b"x", 2**63: "y"},
        {"a": [None, True, False, 0.5, cbor2.undefined]},
        {"long": b"x" * 70_000, "text": "é" * 300, "list": list(range(300))},
        {number: number for number in range(300)},
    ],
)
@pytest.mark.parametrize("before", [0, 5])
@pytest.mark.parametrize("after", [b"", b"\xff", b"\xa0"])
def test_finds_the_end(value: dict[object, object], before: int, after: bytes) -> None:
    """Behind the last byte of the map, whatever stands around it."""
    encoded = cbor2.dumps(value)
    assert end_of_map(bytes(before) + encoded + after, before) == before + len(encoded)


def test_takes_short_floats_and_long_heads() -> None:
    """Numbers need not be written as cbor2 would."""
    data = b"\xb8\x01\x78\x01a\xf9\x3e\x00"
    assert end_of_map(data) == len(data)


def test_goes_so_deep() -> None:
    """As many levels as are allowed, and no more."""
    assert end_of_map(b"\xa1\x00" * (MAX_DEPTH - 1) + b"\xa0")
    with pytest.raises(ValueError, match="too deep"):
        end_of_map(b"\xa1\x00" * MAX_DEPTH + b"\xa0")


@pytest.mark.parametrize("name", [name for name in HOSTILE if name not in LEFT_TO_CBOR2])
def test_refuses_what_no_authenticator_writes(name: str) -> None:
    """By itself and as a value; at once, because nothing is made of it (T13)."""
    began = time.process_time()
    for data in (HOSTILE[name], b"\xa1\x00" + HOSTILE[name]):
        with pytest.raises(ValueError, match=r"."):
            end_of_map(data)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("name", OTHER)
def test_refuses_what_is_no_map(name: str) -> None:
    """An item of another kind, or none."""
    with pytest.raises(ValueError, match="no map"):
        end_of_map(OTHER[name])
    with pytest.raises(ValueError, match="no map"):
        end_of_map(b"\xa0", 1)


def test_refuses_every_cut() -> None:
    """A map that ends too early anywhere."""
    data = cbor2.dumps({"a": [1, b"xy", {"b": 70_000}], "c": "d" * 30})
    for length in range(len(data)):
        with pytest.raises(ValueError, match=r"cut|no map"):
            end_of_map(data[:length])
