"""Client data (WebAuthn L3 §5.8.1) with members that are missing, foreign, or of another type.

What is signed is signed properly: no signature is what refuses these.
"""

from collections.abc import Callable, Iterator
from typing import Any

from otp_passkeys.testing import from_base64url, to_base64url

from .case import Case
from .parts import OMIT, Parts, changed

UNREADABLE = "no challenge can be read"
NOT_TEXT: dict[str, Any] = {
    "missing": OMIT, "null": None, "true": True, "number": 7, "list": ["x"], "object": {},
}  # fmt: skip

TYPES = {
    "empty": "", "other case": "WebAuthn.Create", "upper case": "WEBAUTHN.GET", "prefix": "webauthn",
    "payment": "payment.get", "with a space": "webauthn.get ", "with NUL": "webauthn.create\0",
    "U2F": "navigator.id.getAssertion", "surrogate": "\udcff", "dot": "webauthn.",
}  # fmt: skip

ORIGINS = {
    "empty": "", "text null": "null", "http": "http://testserver", "other host": "https://evil.example",
    "subdomain": "https://a.testserver", "suffix": "https://testserver.evil.example",
    "prefix": "https://eviltestserver", "port": "https://testserver:8443", "port 443": "https://testserver:443",
    "slash": "https://testserver/", "path": "https://testserver/passkeys/", "upper case": "https://TESTSERVER",
    "scheme in upper case": "HTTPS://testserver", "user": "https://testserver@evil.example",
    "trailing dot": "https://testserver.", "leading space": " https://testserver",
    "trailing newline": "https://testserver\n", "NUL": "https://testserver\0", "tab": "https://test\tserver",
    "homograph": "https://t\u0435stserver", "full width": "https://\uff54estserver", "host alone": "testserver",
    "no scheme": "//testserver", "one slash": "https:/testserver", "backslash": "https:\\\\testserver",
    "file": "file://", "javascript": "javascript:alert(1)", "app": "android:apk-key-hash:AAAA",
    "app of Apple": "ios:bundle-id:org.example", "websocket": "wss://testserver", "query": "https://testserver?",
    "fragment": "https://testserver#", "address": "https://127.0.0.1", "two": "https://testserver https://testserver",
    "soft hyphen": "https://test\u00adserver", "surrogate": "https://\ud800",
}  # fmt: skip

CROSS_ORIGINS: dict[str, Any] = {
    "true": True, "null": None, "text false": "false", "text true": "true", "zero": 0, "one": 1, "empty": "",
    "list": [], "object": {}, "fraction": 0.5,
}  # fmt: skip

TOP_ORIGINS: dict[str, dict[str, Any]] = {
    "unframed": {"topOrigin": "https://testserver"},
    "foreign": {"crossOrigin": True, "topOrigin": "https://evil.example"},
    "own": {"crossOrigin": True, "topOrigin": "https://testserver"},
    "empty": {"topOrigin": ""},
    "list": {"topOrigin": ["https://testserver"]},
    "false": {"topOrigin": False},
    "object": {"crossOrigin": True, "topOrigin": {}},
    "null in a frame": {"crossOrigin": True, "topOrigin": None},
}

TOKEN_BINDINGS: dict[str, Any] = {
    "without status": {}, "unknown status": {"status": "not-supported"}, "null": {"status": None},
    "number": {"status": 5, "id": "x"}, "list": {"status": []},
}  # fmt: skip


def other(value: str) -> str:
    """Return a challenge that differs in its last byte."""
    raw = from_base64url(value)
    return to_base64url(raw[:-1] + bytes([raw[-1] ^ 1]))


# Spellings that a lenient decoder takes for the challenge, or that are no text of it.
SPELLINGS: dict[str, Callable[[str], Any]] = {
    "one character less": lambda text: text[:-3],
    "padded": lambda text: text + "====",
    "one sign of padding": lambda text: text + "=",
    "a foreign character": lambda text: text[:8] + "!" + text[8:],
    "a space": lambda text: text + " ",
    "a leading space": lambda text: " " + text,
    "a newline": lambda text: text[:40] + "\n" + text[40:],
    "NUL": lambda text: text + "\0",
    "plus and slash": lambda text: "+/" + text[2:],
    "not ASCII": lambda text: "\uff41" + text[1:],
    "a surrogate": lambda text: text + "\udfff",
    "an emoji": lambda text: "😀" + text,
    "a data address": lambda text: "data:;base64," + text,
    "a list of it": lambda text: [text],
    "its bytes": lambda text: list(from_base64url(text)),
    "an object of it": lambda text: {"0": text},
}
FOREIGN: dict[str, Callable[[str], str]] = {
    "last byte": other,
    "first byte": lambda text: "B" + text[1:],
    "random part": lambda text: text[:64] + ("A" if text[64] != "A" else "B") + text[65:],
    "time": lambda text: text[:12] + ("A" if text[12] != "A" else "B") + text[13:],
    "three bytes less": lambda text: text[:-4],
    "three bytes more": lambda text: text + "AAAA",
    "empty": lambda text: "",
    "twice": lambda text: text + text,
    "zeros": lambda text: "A" * len(text),
    "in hexadecimal": lambda text: from_base64url(text).hex() + "00",
    "encoded twice": lambda text: to_base64url(text.encode()),
    "other letter case": lambda text: text.swapcase(),
    "reversed": lambda text: to_base64url(from_base64url(text)[::-1]),
    "header alone": lambda text: to_base64url(from_base64url(text)[:43]),
    "code alone": lambda text: to_base64url(from_base64url(text)[43:]),
}


def with_client_data(**changes: Any) -> Callable[[Parts], object]:
    """Change members of the client data."""
    return lambda parts: parts.make(client_data=changed(parts.client_data, changes))


def with_challenge(change: Callable[[str], Any]) -> Callable[[Parts], object]:
    """Change the challenge."""
    return lambda parts: parts.make(
        client_data={**parts.client_data, "challenge": change(parts.client_data["challenge"])}
    )


def of_other_ceremony(parts: Parts) -> object:
    """Name the ceremony that it is not."""
    kind = "webauthn.get" if parts.registers else "webauthn.create"
    return parts.make(client_data={**parts.client_data, "type": kind})


def texts(member: str, values: dict[str, Any], reason: str) -> Iterator[Case]:
    """Yield other values of a member that is text."""
    for name, value in {**NOT_TEXT, **values}.items():
        make = with_client_data(**{member: value})
        if name == "surrogate":  # it cannot be UTF-8
            yield Case(f"{member}: {name}", make, UNREADABLE, "malformed_request")
        else:
            missing = f'property "{member}"'
            yield Case(f"{member}: {name}", make, missing if value is OMIT else reason)


def cases() -> Iterator[Case]:
    """Yield what is wrong in either ceremony."""
    kind = "Unexpected client data type"
    yield Case("type: other ceremony", of_other_ceremony, kind)
    yield from texts("type", TYPES, kind)
    yield from texts("origin", ORIGINS, "Unexpected client data origin")
    for name, value in CROSS_ORIGINS.items():
        yield Case(f"crossOrigin: {name}", with_client_data(crossOrigin=value), "foreign page")
    for name, changes in TOP_ORIGINS.items():
        yield Case(f"topOrigin: {name}", with_client_data(**changes), "foreign page")
    for name, value in TOKEN_BINDINGS.items():
        yield Case(f"tokenBinding: {name}", with_client_data(tokenBinding=value), "oken_binding")
    for name, value in NOT_TEXT.items():
        make = with_client_data(challenge=value)
        yield Case(f"challenge: {name}", make, UNREADABLE, "malformed_request")
    for name, spell in SPELLINGS.items():
        yield Case(f"challenge: {name}", with_challenge(spell), UNREADABLE, "malformed_request")
    for name, change in FOREIGN.items():
        yield Case(f"challenge: {name}", with_challenge(change), "challenge ", "challenge_invalid")


registrations = sign_ins = cases
