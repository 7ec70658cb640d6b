"""Flags (WebAuthn L3 §6.1) that prove too little or contradict themselves."""

from collections.abc import Callable, Iterator

from .case import Case
from .parts import Parts

UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10
RESERVED = {"": 0, ", RFU1": 0x02, ", RFU2": 0x20, ", both RFU": 0x22}


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


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    yield from cases()
    for more, bits in RESERVED.items():
        yield Case(f"not eligible any more{more}", with_flags(UP | UV | bits), "BE flag changed")
