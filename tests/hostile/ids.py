"""Credential IDs: missing, misspelt, too long, of somebody else."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from otp_passkeys.testing import from_base64url, to_base64url

from .case import Case
from .parts import OMIT, Parts, made

NOT_TEXT: dict[str, Any] = {
    "missing": OMIT, "null": None, "true": True, "number": 7, "fraction": 0.5, "list": [], "object": {},
}  # fmt: skip
MISSPELT: dict[str, Callable[[str], Any]] = {
    "padded": lambda text: text + "=",
    "too much padding": lambda text: text + "===",
    "a space after it": lambda text: text + " ",
    "a newline after it": lambda text: text + "\n",
    "a newline in it": lambda text: text[:9] + "\n" + text[9:],
    "NUL after it": lambda text: text + "\0",
    "NUL before it": lambda text: "\0" + text,
    "foreign character": lambda text: text[:5] + "!" + text[5:],
    "a surrogate": lambda text: text + "\ud800",
    "full width": lambda text: "\uff21" + text[1:],
    "plus and slash": lambda text: "+/" + text[2:],
    "a percent escape": lambda text: "%41" + text[1:],
    "stray bits": lambda text: text[:-1] + chr(ord(text[-1]) + 1),
    "one character": lambda text: "A",
    "five characters": lambda text: "AAAAA",
    "list of it": lambda text: [text],
    "its bytes": lambda text: list(from_base64url(text)),
}
UNPRINTABLE = "id is not base64url"
DIFFER = "id and rawId differ"
LENGTH = "credential ID is empty or too long"


def both(change: Callable[[str], Any]) -> Callable[[Parts], object]:
    """Change `id` and `rawId` alike."""

    def make(parts: Parts) -> object:
        value = change(str(parts.answer["id"]))
        return parts.make(id=value, rawId=value)

    return make


def raw_alone(change: Callable[[str], Any]) -> Callable[[Parts], object]:
    """Change `rawId` alone."""
    return lambda parts: parts.make(rawId=change(parts.answer["id"]))


def named_as_bob(member: str, parts: Parts) -> object:
    """Put the ID of bob's passkey into one of the two members."""
    return parts.make() | {member: parts.stranger.id_base64url}


def decoded(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """Change the bytes that a text stands for."""
    return lambda text: to_base64url(change(from_base64url(text)))


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    for name, value in NOT_TEXT.items():
        yield Case(f"id {name}", made(id=value), UNPRINTABLE)
        yield Case(f"rawId {name}", made(rawId=value), DIFFER)
        yield Case(f"both {name}", made(id=value, rawId=value), UNPRINTABLE)
    for name, change in MISSPELT.items():
        yield Case(f"both: {name}", both(change), UNPRINTABLE)
        yield Case(f"rawId: {name}", raw_alone(change), DIFFER)
    for which in ("id", "rawId"):
        for name, value in {"empty": "", "other": "AAAA"}.items():
            yield Case(f"{which}: {name}", made(**{which: value}), DIFFER)
        yield Case(f"{which}: bob's", partial(named_as_bob, which), DIFFER)
    yield Case("both empty", both(lambda text: ""), LENGTH)
    for size in (1024, 1025, 2048, 4096, 20_000):
        yield Case(
            f"{size} bytes",
            made(**dict.fromkeys(("id", "rawId"), to_base64url(b"i" * size))),
            LENGTH,
        )
    for name, value in {
        **NOT_TEXT, "empty": "", "other": "password", "other letter case": "Public-Key", "plural": "public-keys",
        "with a space": "public-key ", "with NUL": "public-key\0", "list of it": ["public-key"],
    }.items():  # fmt: skip
        yield Case(f"type: {name}", made(type=value), "Credential had unexpected type")


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration."""
    yield from cases()
    differs = "credential ID differs from the authenticator data"
    for name, change in {
        "one bit": lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        "a byte less": lambda raw: raw[:-1],
        "a byte more": lambda raw: raw + b"\0",
        "reversed": lambda raw: raw[::-1],
        "one byte": lambda raw: b"\0",
        "1023 bytes": lambda raw: b"i" * 1023,
    }.items():
        yield Case(f"not the one in the authenticator data: {name}", both(decoded(change)), differs)

    def of_bob(parts: Parts, *, outside: bool = True, inside: bool = True) -> object:
        identifier = parts.stranger.id
        data = parts.data.but(credential_id=identifier) if inside else None
        text = to_base64url(identifier) if outside else parts.answer["id"]
        return parts.make(data=data, id=text, rawId=text)

    yield Case("bob's", of_bob, "is in the table", "credential_already_registered")
    yield Case("bob's outside", lambda parts: of_bob(parts, inside=False), differs)
    yield Case("bob's inside", lambda parts: of_bob(parts, outside=False), differs)


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    yield from cases()
    for name, change in {
        "one bit": lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
        "a byte less": lambda raw: raw[:-1],
        "a byte more": lambda raw: raw + b"\0",
        "one byte": lambda raw: b"\0",
        "zeros": lambda raw: bytes(32),
        "16 bytes of it": lambda raw: raw[:16],
        "1023 bytes": lambda raw: b"i" * 1023,
        "reversed": lambda raw: raw[::-1],
        "in hexadecimal": lambda raw: raw.hex().encode(),
    }.items():
        yield Case(
            f"unknown: {name}",
            both(decoded(change)),
            "credential ID is in no row",
            "credential_not_found",
        )
    yield from _of_bob()


def _of_bob() -> Iterator[Case]:
    def make(parts: Parts, handle: bool) -> object:
        text = parts.stranger.id_base64url
        response = {"userHandle": to_base64url(parts.stranger.user_handle)} if handle else {}
        return parts.make(id=text, rawId=text, response=response)

    yield Case(
        "bob's, with his handle",
        lambda parts: make(parts, True),
        "Could not verify authentication signature",
    )
    yield Case(
        "bob's", lambda parts: make(parts, False), "Could not verify authentication signature"
    )
