"""Credentials whose text is no JSON (RFC 8259) in UTF-8."""

import gzip
from collections.abc import Callable, Iterator

import cbor2

from .case import Case
from .parts import Parts

MARK = b"\xef\xbb\xbf"

# What makes JSON unreadable, whatever it says: each takes the honest bytes. Client data are tried with it too.
NO_JSON: dict[str, Callable[[bytes], bytes]] = {
    "one brace": lambda data: b"{",
    "cut in half": lambda data: data[: len(data) // 2],
    "last byte missing": lambda data: data[:-1],
    "first byte missing": lambda data: data[1:],
    "a byte after it": lambda data: data + b"x",
    "NUL after it": lambda data: data + b"\0",
    "NUL before it": lambda data: b"\0" + data,
    "twice": lambda data: data + data,
    "two lines": lambda data: data + b"\n" + data,
    "trailing comma": lambda data: data[:-1] + b",}",
    "leading comma": lambda data: b"{," + data[1:],
    "single quotes": lambda data: data.replace(b'"', b"'"),
    "no quotes": lambda data: data.replace(b'"', b""),
    "a comment": lambda data: b"/**/" + data,
    "a line comment": lambda data: data + b"//",
    "a prefix against inclusion": lambda data: b")]}'\n" + data,
    "NaN in it": lambda data: data[:-1] + b',"a":NaN}',
    "Infinity in it": lambda data: data[:-1] + b',"a":Infinity}',
    "minus Infinity in it": lambda data: data[:-1] + b',"a":[-Infinity]}',
    "NaN alone": lambda data: b"NaN",
    "hexadecimal number": lambda data: data[:-1] + b',"a":0x10}',
    "leading zero": lambda data: data[:-1] + b',"a":01}',
    "plus sign": lambda data: data[:-1] + b',"a":+1}',
    "integer of 5 000 digits": lambda data: data[:-1] + b',"a":' + b"9" * 5000 + b"}",
    "negative integer of 5 000 digits": lambda data: data[:-1] + b',"a":-' + b"9" * 5000 + b"}",
    "a control character in text": lambda data: data[:-1] + b',"a":"\x01"}',
    "a newline in text": lambda data: data[:-1] + b',"a":"\n"}',
    "NUL in text": lambda data: data[:-1] + b',"a":"\x00"}',
    "unknown escape": lambda data: data[:-1] + b',"a":"\\x41"}',
    "cut escape": lambda data: data[:-1] + b',"a":"\\u00"}',
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16, big end first": lambda data: data.decode().encode("utf-16-be"),
    "UTF-16, little end first": lambda data: data.decode().encode("utf-16-le"),
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "UTF-32, big end first": lambda data: data.decode().encode("utf-32-be"),
    "UTF-7": lambda data: data.decode().replace("{", "+AHs-").encode(),
    "mark after it": lambda data: data + MARK,
    "compressed": lambda data: gzip.compress(data, mtime=0),
}
# Each takes the text of the honest credential. No action sees these.
TEXTS: dict[str, Callable[[bytes], bytes]] = {
    **NO_JSON,
    "not UTF-8": lambda text: text[:-1] + b',"a":"\xff"',
    "one brace more": lambda text: text + b"}",
    "a control character after it": lambda text: text + b"\x1f",
    "two commas": lambda text: text.replace(b", ", b",, ", 1),
    "Python": lambda text: text.replace(b'"', b"'").replace(b"}", b", 'a': None}"),
    "undefined": lambda text: b"undefined",
    "Infinity": lambda text: b"Infinity",
    "minus Infinity": lambda text: b"-Infinity",
    "number without digits": lambda text: text[:-1] + b',"a":-}',
    "integer of 50 000 digits alone": lambda text: b"7" * 50_000,
    "integer of 5 000 digits as an ID": lambda text: b'{"id":' + b"7" * 5000 + b"," + text[1:],
    "deep lists": lambda text: b"[" * 9000 + b"]" * 9000,
    "deep lists without an end": lambda text: b"[" * 18_000,
    "deep lists in it": lambda text: text[:-1] + b',"a":' + b"[" * 9000 + b"]" * 9000 + b"}",
    "deep objects": lambda text: b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "deep objects without an end": lambda text: b'{"a":' * 4000,
    "tab in text": lambda text: text[:-1] + b',"a":"\t"}',
    "text without an end": lambda text: text[:-1] + b',"a":"x}',
    "name that is no text": lambda text: text[:-1] + b",1:2}",
    "a byte order mark": lambda text: MARK + text,
    "no-break space": lambda text: text + b"\xc2\xa0",
    "CBOR": lambda text: cbor2.dumps({"id": text}),
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
