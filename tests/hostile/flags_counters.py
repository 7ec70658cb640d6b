"""Flags (WebAuthn L3 §6.1) that prove too little or contradict themselves, and counts that do not grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .case import Case
from .parts import Data, Parts

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10
RESERVED = {"": 0, ", RFU1": 0x02, ", RFU2": 0x20, ", both RFU": 0x22}
COUNT = 1000  # what the site has stored at least


def with_flags(flags: int) -> Callable[[Parts], object]:
    """Set the five flags, and keep what says which data there is."""
    return lambda parts: parts.make(data=parts.data.but(flags=parts.data.flags & 0xC0 | flags))


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    for more, bits in RESERVED.items():
        for name, flags in {
            "nothing": 0,
            "UV alone": UV,
            "UV and BE": UV | BE,
            "all but UP": UV | BE | BS,
            "BE and BS": BE | BS,
        }.items():
            yield Case(f"no UP: {name}{more}", with_flags(flags | bits), "resen")
        for name, flags in {
            "UP alone": UP,
            "UP and BE": UP | BE,
            "all but UV": UP | BE | BS,
        }.items():
            yield Case(f"no UV: {name}{more}", with_flags(flags | bits), "erification is required")
        yield Case(
            f"backed up without being eligible{more}",
            with_flags(UP | UV | BS | bits),
            "Single-device credential indicated that it was backed up",
        )


registrations = cases


def with_count(change: Callable[[Data], bytes]) -> Callable[[Parts], object]:
    """Change the count."""
    return lambda parts: parts.make(data=parts.data.but(sign_count=change(parts.data)))


def with_number(count: int) -> Callable[[Parts], object]:
    """Send a count."""
    return with_count(lambda data: count.to_bytes(4, "big"))


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    yield from cases()
    for more, bits in RESERVED.items():
        yield Case(f"not eligible any more{more}", with_flags(UP | UV | bits), "BE flag changed")
    stale = "sign count did not grow"
    for count in (0, 1, 2, 9, 100, 127, 128, 255, 256, 500, 512, COUNT - 2, COUNT - 1, COUNT):
        yield Case(f"count {count} after {COUNT}", with_number(count), stale)
    for name, change in {
        "of two bytes": lambda data: data.sign_count[2:],
        "of three bytes": lambda data: data.sign_count[1:],
        "of five bytes": lambda data: b"\0" + data.sign_count,
        "of eight bytes": lambda data: bytes(4) + data.sign_count,
    }.items():
        yield Case(f"count {name}", with_count(change), "authenticator data has a foreign shape")
