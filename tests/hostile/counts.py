"""Counts (WebAuthn L3 §6.1.1) that do not grow, of a passkey that is bound to its device."""

from collections.abc import Callable, Iterator

from .case import Case
from .parts import Data, Parts

COUNT = 1000  # what the site has stored at least


def with_count(change: Callable[[Data], bytes]) -> Callable[[Parts], object]:
    """Change the count."""
    return lambda parts: parts.make(data=parts.data.but(sign_count=change(parts.data)))


def with_number(count: int) -> Callable[[Parts], object]:
    """Send a count."""
    return with_count(lambda data: count.to_bytes(4, "big"))


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
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
