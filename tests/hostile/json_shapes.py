"""Credentials whose JSON has another shape than `toJSON()` gives (WebAuthn L3 §5.1)."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .case import Case
from .parts import OMIT, Parts

UNREADABLE = "no challenge can be read"
ODD: dict[str, Any] = {
    "null": None, "true": True, "false": False, "zero": 0, "minus one": -1, "fraction": 1.5, "a large number": 10**4000,
    "empty": "", "text": "x", "one NUL": "\0", "one surrogate": "\udfff", "40 000 characters": "A" * 40_000, "list": [],
    "list of lists": [[[]]], "an object": {}, "object of objects": {"a": {"b": {}}},
}  # fmt: skip
# Not what the decoder takes for bytes: empty text is, and so is what is long enough.
BYTES = {name for name in ODD if name in ("empty", "40 000 characters")}
SPELLING: dict[str, Callable[[str], Any]] = {
    "padded": lambda text: text + "=" * (-len(text) % 4 or 4),
    "too much padding": lambda text: text + "====",
    "a newline": lambda text: text[:76] + "\n" + text[76:],
    "a space": lambda text: text + " ",
    "NUL": lambda text: text + "\0",
    "a foreign character": lambda text: text[:5] + "*" + text[5:],
    "plus and slash": lambda text: text[:8] + "+/" + text[10:],
    "a surrogate": lambda text: text + "\ud83d",
    "a byte order mark": lambda text: "\ufeff" + text,
    "full width": lambda text: "\uff45" + text[1:],
    "a data address": lambda text: "data:application/json;base64," + text,
    "a list of it": lambda text: [text],
    "its characters": lambda text: list(text),
    "an object of it": lambda text: {"$base64": text},
}


def in_response(member: str, value: Any) -> Callable[[Parts], object]:
    """Change a member of the response."""
    return lambda parts: parts.make(
        response={member: value(parts.answer["response"][member]) if callable(value) else value}
    )


def instead(value: object, parts: Parts) -> object:
    """Send something else in its place."""
    return value


def with_other_response(value: object, parts: Parts) -> object:
    """Send something else in place of the response."""
    return parts.make() | {"response": value}


def whole() -> Iterator[Case]:
    """Yield what is no credential, or has no response."""
    for name, value in ODD.items():
        if name not in ("empty",):
            yield Case(
                f"{name} in its place", partial(instead, value), UNREADABLE, "malformed_request"
            )
        yield Case(
            f"response: {name}",
            partial(with_other_response, value),
            UNREADABLE,
            "malformed_request",
        )
    for name, make in {
        "response missing": lambda parts: {"id": parts.answer["id"], "rawId": parts.answer["id"]},
        "list of it": lambda parts: [parts.make()],
        "text of it": lambda parts: json.dumps(parts.make()),
        "inside another": lambda parts: {"credential": parts.make()},
        "response in a list": lambda parts: parts.make() | {"response": [parts.make()["response"]]},
        "response as text": lambda parts: parts.make() | {"response": json.dumps(parts.make()["response"])},
        "response flattened": lambda parts: {**parts.make()["response"], "id": parts.answer["id"]},
        "other letter case": lambda parts: {key.upper(): value for key, value in parts.make().items()},
        "names with underscores": lambda parts: _underscored(parts.make()),
        "pairs": lambda parts: [list(pair) for pair in parts.make().items()],
    }.items():  # fmt: skip
        yield Case(name, make, UNREADABLE, "malformed_request")


def _underscored(answer: dict[str, Any]) -> dict[str, Any]:
    response = {name.replace("JSON", "_json"): value for name, value in answer["response"].items()}
    return {**answer, "response": response}


def members(names: tuple[str, ...]) -> Iterator[Case]:
    """Yield members of the response that are missing or odd."""
    for member in names:
        reads_challenge = member == "clientDataJSON"
        code = "malformed_request" if reads_challenge else "verification_failed"
        reason = UNREADABLE if reads_challenge else f"{member} is not base64url"
        yield Case(f"{member}: missing", in_response(member, OMIT), reason, code)
        for name, value in ODD.items():
            if name == "empty" and member != "authenticatorData":
                continue  # other modules have it
            yield Case(
                f"{member}: {name}",
                in_response(member, value),
                reason if reads_challenge or name not in BYTES else DECODED[member],
                code,
            )
        for name, change in SPELLING.items():
            yield Case(f"{member}: {name}", in_response(member, change), reason, code)


# What is said of bytes that are base64url, but empty or zeros.
DECODED = {
    "attestationObject": "attestation object is not CBOR",
    "authenticatorData": "authenticator data has a foreign shape",
    "signature": "Could not verify authentication signature",
}


def registrations() -> Iterator[Case]:
    """Yield what is wrong in a registration."""
    yield from whole()
    yield from members(("clientDataJSON", "attestationObject"))
    yield Case(
        "an assertion's members",
        lambda parts: parts.make(
            response={"attestationObject": OMIT, "signature": "AAAA", "authenticatorData": "AAAA"}
        ),
        "attestationObject is not base64url",
    )


def sign_ins() -> Iterator[Case]:
    """Yield what is wrong in a sign-in."""
    yield from whole()
    yield from members(("clientDataJSON", "authenticatorData"))
    # Its spellings and types are in `signatures`.
    for name in (
        "zero",
        "minus one",
        "a large number",
        "40 000 characters",
        "list of lists",
        "object of objects",
    ):
        reason = DECODED["signature"] if name in BYTES else "signature is not base64url"
        yield Case(f"signature: {name}", in_response("signature", ODD[name]), reason)
    yield Case(
        "a registration's members",
        lambda parts: parts.make(
            response={"attestationObject": "oA", "signature": OMIT, "authenticatorData": OMIT}
        ),
        "authenticatorData is not base64url",
    )
