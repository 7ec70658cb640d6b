"""Credentials whose text is no JSON (RFC 8259) in UTF-8."""

import gzip
from collections.abc import Callable, Iterator

import cbor2

from .case import Case
from .client_data_json import MARK
from .parts import Parts

# Each takes the text of the honest credential. No action sees these.
TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "a brace": lambda text: b"{",
    "cut in half": lambda text: text[: len(text) // 2],
    "last brace missing": lambda text: text[:-1],
    "first brace missing": lambda text: text[1:],
    "one brace more": lambda text: text + b"}",
    "text after it": lambda text: text + b"x",
    "NUL after it": lambda text: text + b"\0",
    "NUL before it": lambda text: b"\0" + text,
    "a control character after it": lambda text: text + b"\x1f",
    "twice": lambda text: text + text,
    "trailing comma": lambda text: text[:-1] + b",}",
    "two commas": lambda text: text.replace(b", ", b",, ", 1),
    "single quotes": lambda text: text.replace(b'"', b"'"),
    "no quotes": lambda text: text.replace(b'"', b""),
    "a comment": lambda text: text + b"/**/",
    "a line comment": lambda text: text + b"//",
    "Python": lambda text: text.replace(b'"', b"'").replace(b"}", b", 'a': None}"),
    "undefined": lambda text: b"undefined",
    "NaN": lambda text: b"NaN",
    "Infinity": lambda text: b"Infinity",
    "minus Infinity": lambda text: b"-Infinity",
    "NaN in it": lambda text: text[:-1] + b',"a":NaN}',
    "Infinity in it": lambda text: text[:-1] + b',"a":[Infinity]}',
    "minus Infinity in it": lambda text: text[:-1] + b',"a":{"b":-Infinity}}',
    "leading zero": lambda text: text[:-1] + b',"a":01}',
    "hexadecimal": lambda text: text[:-1] + b',"a":0xff}',
    "number without digits": lambda text: text[:-1] + b',"a":-}',
    "integer of 5 000 digits": lambda text: text[:-1] + b',"a":' + b"7" * 5000 + b"}",
    "negative integer of 5 000 digits": lambda text: text[:-1] + b',"a":-' + b"7" * 5000 + b"}",
    "integer of 50 000 digits alone": lambda text: b"7" * 50_000,
    "integer of 5 000 digits as an ID": lambda text: b'{"id":' + b"7" * 5000 + b"," + text[1:],
    "deep lists": lambda text: b"[" * 9000 + b"]" * 9000,
    "deep lists without an end": lambda text: b"[" * 18_000,
    "deep lists in it": lambda text: text[:-1] + b',"a":' + b"[" * 9000 + b"]" * 9000 + b"}",
    "deep objects": lambda text: b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "deep objects without an end": lambda text: b'{"a":' * 4000,
    "control character in text": lambda text: text[:-1] + b',"a":"\x01"}',
    "tab in text": lambda text: text[:-1] + b',"a":"\t"}',
    "newline in text": lambda text: text[:-1] + b',"a":"\n"}',
    "unknown escape": lambda text: text[:-1] + b',"a":"\\x41"}',
    "cut escape": lambda text: text[:-1] + b',"a":"\\u12"}',
    "text without an end": lambda text: text[:-1] + b',"a":"x}',
    "name that is no text": lambda text: text[:-1] + b",1:2}",
    "not UTF-8": lambda text: text[:-1] + b',"a":"\xff"' + b"",
    "UTF-16": lambda text: text.decode().encode("utf-16"),
    "UTF-16, big end first": lambda text: text.decode().encode("utf-16-be"),
    "UTF-16, little end first": lambda text: text.decode().encode("utf-16-le"),
    "UTF-32": lambda text: text.decode().encode("utf-32"),
    "UTF-7": lambda text: text.decode().encode("utf-7").replace(b"{", b"+AHs-"),
    "a byte order mark": lambda text: MARK + text,
    "a byte order mark after it": lambda text: text + MARK,
    "no-break space": lambda text: text + b"\xc2\xa0",
    "compressed": lambda text: gzip.compress(text, mtime=0),
    "CBOR": lambda text: cbor2.dumps({"id": text}),
    "a prefix against inclusion": lambda text: b")]}'," + text,
    "a form": lambda text: b"id=AAAA&rawId=AAAA",
    "XML": lambda text: b"<credential/>",
}


def with_text(change: Callable[[bytes], bytes]) -> Callable[[Parts], object]:
    """Change the text of the credential."""
    return lambda parts: change(parts.text)


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    for name, change in TEXTS.items():
        yield Case(name, with_text(change), "", "malformed_request")


registrations = sign_ins = cases
