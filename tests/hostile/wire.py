"""Requests that are wrong around an honest credential: method, type, size, encoding, and shape of the body."""

import gzip
import json
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from .case import Case, Request
from .parts import Parts

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
LIMIT = 64 * 1024


def honest(parts: Parts) -> bytes:
    """Return the body that would be taken."""
    return b'{"credential": ' + parts.text + b"}"


def form(parts: Parts) -> bytes:
    """Return the form that would be taken."""
    return urlencode({"credential": parts.text}).encode()


def part(name: str, content: bytes) -> bytes:
    """Return a multipart body with one field."""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
    return head + content + b"\r\n--x--\r\n"


def sent(
    make: Callable[[Parts], bytes], content_type: str = "application/json", **meta: str
) -> Callable[[Parts], object]:
    """Send a body."""
    return lambda parts: Request(make(parts), content_type, meta=meta)


def by(method: str, content_type: str) -> Callable[[Parts], object]:
    """Send the honest body with another method."""
    body = honest if content_type != FORM else form
    return lambda parts: Request(body(parts), content_type, method)


def lone_part(size: int) -> Callable[[Parts], bytes]:
    """Return what makes a multipart body with one long field."""
    return lambda parts: part("credential", parts.text.ljust(size))


TYPES = (
    "text/plain", "text/json", "application/xml", "application/cbor", "application/jsonp", "application/ld+json",
    "application/json-patch+json", "application/octet-stream", "text/html", "image/png", "x", "application/jso",
    "application/json, x", "application/x-www-form-urlencode", "multipart/mixed; boundary=x", "application/javascript",
)  # fmt: skip
BODIES: dict[str, Callable[[Parts], bytes]] = {
    "empty": lambda parts: b"",
    "a space": lambda parts: b" ",
    "null": lambda parts: b"null",
    "true": lambda parts: b"true",
    "number": lambda parts: b"5",
    "text": lambda parts: b'"credential"',
    "list": lambda parts: b"[]",
    "list of it": lambda parts: b"[" + honest(parts) + b"]",
    "text of it": lambda parts: json.dumps(honest(parts).decode()).encode(),
    "NaN": lambda parts: b"NaN",
    "NaN beside it": lambda parts: b'{"next":NaN,' + honest(parts)[1:],
    "Infinity beside it": lambda parts: b'{"a":-Infinity,' + honest(parts)[1:],
    "5 000 digits": lambda parts: b"9" * 5000,
    "5 000 digits beside it": lambda parts: b'{"a":' + b"9" * 5000 + b"," + honest(parts)[1:],
    "deep lists": lambda parts: b"[" * 60_000,
    "deep objects": lambda parts: b'{"credential":' * 4000,
    "deep lists beside it": lambda parts: b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"," + honest(parts)[1:],
    "cut": lambda parts: honest(parts)[:-1],
    "NUL after it": lambda parts: honest(parts) + b"\0",
    "another after it": lambda parts: honest(parts) * 2,
    "line by line": lambda parts: honest(parts) + b"\n{}",
    "marked": lambda parts: b"\xef\xbb\xbf" + honest(parts),
    "UTF-16": lambda parts: honest(parts).decode().encode("utf-16"),
    "UTF-16, little end first": lambda parts: honest(parts).decode().encode("utf-16-le"),
    "UTF-16, big end first": lambda parts: honest(parts).decode().encode("utf-16-be"),
    "UTF-32": lambda parts: honest(parts).decode().encode("utf-32"),
    "not UTF-8 beside it": lambda parts: b'{"a":"\xff",' + honest(parts)[1:],
    "surrogate in UTF-8 beside it": lambda parts: b'{"a":"\xed\xa0\x80",' + honest(parts)[1:],
    "compressed": lambda parts: gzip.compress(honest(parts), mtime=0),
    "a form": form,
    "chunks": lambda parts: b"5\r\n" + honest(parts) + b"\r\n0\r\n\r\n",
}  # fmt: skip
# Read, but there is no credential in them.
WITHOUT: dict[str, Callable[[Parts], bytes]] = {
    "the credential's members alone": lambda parts: parts.text,
    "an empty object": lambda parts: b"{}",
    "credential: missing": lambda parts: b'{"Credential": ' + parts.text + b"}",
    "credential: second is null": lambda parts: honest(parts)[:-1] + b', "credential": null}',
    "credential: text of it": lambda parts: json.dumps(
        {"credential": parts.text.decode()}
    ).encode(),
}
FORMS: dict[str, tuple[str, Callable[[Parts], bytes]]] = {
    "empty form": (FORM, lambda parts: b""),
    "form of JSON": (FORM, honest),
    "form with another name": (FORM, lambda parts: form(parts).replace(b"credential", b"Credential", 1)),
    "form with an empty second": (FORM, lambda parts: form(parts) + b"&credential="),
    "form with a list's name": (FORM, lambda parts: form(parts).replace(b"credential", b"credential[]", 1)),
    "form encoded twice": (FORM, lambda parts: urlencode({"credential": urlencode({"": parts.text})}).encode()),
    "form with NUL": (FORM, lambda parts: form(parts) + b"%00"),
    "form not in UTF-8": (FORM, lambda parts: b"credential=%ff%fe"),
    "form of percent signs": (FORM, lambda parts: b"credential=%%%%"),
    "multipart of nothing": (MULTIPART, lambda parts: b"--x--\r\n"),
    "multipart with another name": (MULTIPART, lambda parts: part("Credential", parts.text)),
    "multipart of half": (MULTIPART, lambda parts: part("credential", parts.text[:90])),
    "multipart of bytes": (MULTIPART, lambda parts: part("credential", b"\xff\xfe\0")),
    "multipart with a file": (
        MULTIPART,
        lambda parts: part('credential"; filename="credential.json', parts.text),
    ),
}  # fmt: skip
# Django cannot read these.
BY_DJANGO: dict[str, tuple[str, Callable[[Parts], bytes]]] = {
    "multipart without a boundary": ("multipart/form-data", honest),
    "multipart with an empty boundary": ("multipart/form-data; boundary=", honest),
    "2 000 fields": (FORM, lambda parts: b"a=1&" * 2000 + form(parts)),
}
LENGTHS = {
    "negative": "-1", "5 000 digits": "9" * 5000, "text": "x", "fraction": "1.5", "signed": "+10",
    "one too many": str(LIMIT + 1),
}  # fmt: skip


def filled(size: int, make: Callable[[Parts], bytes] = honest) -> Callable[[Parts], bytes]:
    """Fill the honest body up to a size with what is ignored elsewhere."""
    if make is form:
        return lambda parts: (form(parts) + b"&a=").ljust(size, b"x")
    return lambda parts: honest(parts).ljust(size, b" ")


METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X")


def sizes() -> Iterator[Case]:
    """Yield what is too large, or says so."""
    for size in (LIMIT + 1, LIMIT * 2, 1_000_000, 2_400_000):
        yield Case(f"JSON of {size} bytes", sent(filled(size)), "", "too_large")
        yield Case(f"form of {size} bytes", sent(filled(size, form), FORM), "", "too_large")
    for size in (LIMIT + 1, 1_000_000):
        yield Case(f"multipart of {size} bytes", sent(lone_part(size), MULTIPART), "", "too_large")
    for name, length in LENGTHS.items():
        yield Case(f"length: {name}", sent(honest, CONTENT_LENGTH=length), "", "too_large")


def cases() -> Iterator[Case]:
    """Yield what is wrong at either address."""
    for method in METHODS:
        yield Case(f"{method} of JSON", by(method, "application/json"), "", "method_not_allowed")
        yield Case(f"{method} of a form", by(method, FORM), "", "method_not_allowed")
    for name in TYPES:
        yield Case(f"type {name}", sent(honest, name), "", "unsupported_media_type")
    yield Case(
        "form in UTF-16", sent(form, f"{FORM}; charset=utf-16"), "", "unsupported_media_type"
    )
    for name, make in BODIES.items():
        yield Case(f"body: {name}", sent(make), "", "malformed_request")
    for name, make in WITHOUT.items():
        yield Case(name, sent(make), "no challenge can be read", "malformed_request")
    for name, (content_type, make) in FORMS.items():
        yield Case(name, sent(make, content_type), "", "malformed_request")
    for name, (content_type, make) in BY_DJANGO.items():
        yield Case(name, sent(make, content_type), "", "", status=400)
    yield from sizes()


registrations = sign_ins = cases
