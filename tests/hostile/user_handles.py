"""User handles (WebAuthn L3 §7.2 step 6): missing where nobody is known, misspelt, or not the owner's."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from otp_passkeys.testing import to_base64url

from .case import Case
from .ids import MISSPELT
from .parts import OMIT, Parts, made

ABSENT: dict[str, Any] = {"missing": OMIT, "null": None, "empty": ""}
# Not text, though some of it is nothing to Python.
NOT_TEXT: dict[str, Any] = {
    "false": False, "true": True, "zero": 0, "number": 5, "list": [], "object": {}, "list of text": [""],
}  # fmt: skip
FOREIGN: dict[str, Callable[[Parts], bytes]] = {
    "bob's": lambda parts: parts.stranger.user_handle,
    "one bit": lambda parts: bytes([parts.credential.user_handle[0] ^ 1]) + parts.credential.user_handle[1:],
    "a byte less": lambda parts: parts.credential.user_handle[:-1],
    "a byte more": lambda parts: parts.credential.user_handle + b"\0",
    "one byte": lambda parts: b"\0",
    "user name": lambda parts: b"alice",
    "a number": lambda parts: b"1",
    "zeros": lambda parts: bytes(64),
    "the ID": lambda parts: parts.credential.id,
    "1000 bytes": lambda parts: b"h" * 1000,
    "in hexadecimal": lambda parts: parts.credential.user_handle.hex().encode(),
    "encoded twice": lambda parts: to_base64url(parts.credential.user_handle).encode(),
}  # fmt: skip


def misspelt(change: Callable[[str], Any], parts: Parts) -> object:
    """Spell the right handle in another way."""
    return parts.make(response={"userHandle": change(parts.answer["response"]["userHandle"])})


def foreign(make: Callable[[Parts], bytes], parts: Parts) -> object:
    """Send another handle."""
    return parts.make(response={"userHandle": to_base64url(make(parts))})


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    for name, value in ABSENT.items():
        make = made(response={"userHandle": value})
        yield Case(name, make, "names no user handle", visitors_only=True)
    spelling = "userHandle is not base64url"
    for name, value in NOT_TEXT.items():
        yield Case(name, made(response={"userHandle": value}), spelling)
    for name, change in MISSPELT.items():
        if name not in ("stray bits", "list of it", "its bytes"):
            yield Case(f"spelling: {name}", partial(misspelt, change), spelling)
    for name, of in FOREIGN.items():
        yield Case(
            f"foreign: {name}",
            partial(foreign, of),
            "user handle is not the owner's",
            "credential_user_mismatch",
        )
