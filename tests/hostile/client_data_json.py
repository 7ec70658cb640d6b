"""Client data that is no JSON object in UTF-8, or hides a second meaning."""

import json
from collections.abc import Callable, Iterator

import cbor2

from .case import Case
from .json_text import MARK, NO_JSON
from .parts import Parts

# Each takes the honest bytes.
UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    **NO_JSON,
    "not UTF-8": lambda data: data[:-1] + b',"a":"\xff"}',
    "cut UTF-8": lambda data: data[:-1] + b',"a":"\xe2\x82"}',
    "overlong UTF-8": lambda data: data[:-1] + b',"a":"\xc0\x80"}',
    "beyond Unicode": lambda data: data[:-1] + b',"a":"\xf4\x90\x80\x80"}',
    "surrogate in UTF-8": lambda data: data[:-1] + b',"a":"\xed\xa0\x80"}',
    "surrogates in UTF-8": lambda data: data[:-1] + b',"a":"\xed\xa0\xbd\xed\xb8\x80"}',
    "Latin-1": lambda data: data[:-1] + b',"a":"\xe9"}',
    "empty": lambda data: b"",
    "a space": lambda data: b" ",
    "a list of it": lambda data: b"[" + data + b"]",
    "text of it": lambda data: json.dumps(data.decode()).encode(),
    "null": lambda data: b"null",
    "true": lambda data: b"true",
    "number": lambda data: b"75",
    "empty list": lambda data: b"[]",
    "empty object": lambda data: b"{}",
    "challenge of 5 000 digits": lambda data: b'{"challenge":' + b"1" * 5000 + b"}",
    "deep lists": lambda data: data[:-1] + b',"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "deep lists without an end": lambda data: b"[" * 40_000,
    "deep objects": lambda data: data[:-1] + b',"a":' + b'{"a":' * 6000 + b"1" + b"}" * 6001,
    "deep objects without an end": lambda data: b'{"a":' * 8000,
    "UTF-16, big end first, marked": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "two marks": lambda data: MARK + MARK + data,
    "mark after a space": lambda data: b" " + MARK + data,
    "no-break space": lambda data: b"\xc2\xa0" + data,
    "form feed": lambda data: b"\x0c" + data,
    "CBOR": lambda data: cbor2.dumps(json.loads(data)),
    "text of base64": lambda data: b'"e30"',
}

# The last of two equal members counts, as in every browser: it must be the one that is checked.
SECOND: dict[str, tuple[bytes, str, str]] = {
    "challenge": (b'"AAAA"', "challenge has a foreign length", "challenge_invalid"),
    "type": (b'"webauthn"', "Unexpected client data type", "verification_failed"),
    "origin": (b'"https://evil.example"', "Unexpected client data origin", "verification_failed"),
    "crossOrigin": (b"true", "foreign page", "verification_failed"),
}


def with_bytes(change: Callable[[bytes], bytes]) -> Callable[[Parts], object]:
    """Change the bytes of the client data."""
    return lambda parts: parts.make(client_data=change(parts.client_data_json))


def with_second(name: str, value: bytes) -> Callable[[Parts], object]:
    """Add a member that is there already."""
    return with_bytes(lambda data: data[:-1] + b',"' + name.encode() + b'":' + value + b"}")


def escaped(parts: Parts) -> object:
    """Write the foreign origin so that the bytes do not show it."""
    data = parts.client_data_json[:-1] + b',"\\u006frigin":"https://evil\\u002eexample"}'
    return parts.make(client_data=data)


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    for name, change in UNREADABLE.items():
        yield Case(name, with_bytes(change), "no challenge can be read", "malformed_request")
    for name, (value, reason, code) in SECOND.items():
        yield Case(f"second {name}", with_second(name, value), reason, code)
    yield Case("second origin, escaped", escaped, "Unexpected client data origin")


registrations = sign_ins = cases
