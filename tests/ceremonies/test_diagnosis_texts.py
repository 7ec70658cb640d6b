"""What a client sent stands in the log escaped and cut short, and what nobody can explain is refused too (S6.11)."""

import ast
import json
from collections.abc import Callable

import pytest

from otp_passkeys.ceremonies import diagnosis
from otp_passkeys.encoding import MAX_SHOWN, shown

from ..helpers.refusals import LIBRARY, Make, both, client_data, refuse

__all__ = ["refuse"]  # a fixture


def escaped_origin(origin: str) -> Make:
    """Return what makes an answer with another origin, written in ASCII: a surrogate has no UTF-8."""
    return lambda parts: parts.make(
        client_data=json.dumps({**parts.client_data, "origin": origin}).encode()
    )


HOSTILE = [
    "https://evil.example/\r\nRefused an answer: forged",
    "https://\u202eevil\x1b[31m\x00\u2028",
    "%s%(message)s{}",
    "'\"\\",
    "https://t\u0435stserver",
    "\ud800",
    "x" * 40_000,
    "\U0010ffff" * 2_000,
]


@both
def test_nothing_raw(refuse: Callable[..., str], name: str) -> None:
    """S6.11, T24: of a text that a client sent the log has at most a hundred characters, quoted and in ASCII."""
    for origin in HOSTILE:
        line = refuse(name, escaped_origin(origin))
        assert f"origin {shown(origin)} is not among" in line
        assert len(line) < 250


@pytest.mark.parametrize("value", [*HOSTILE, "", "x" * MAX_SHOWN, None, 7, [["x"] * 9]])
def test_shown(value: object) -> None:
    """T24: what is shown is one line of ASCII, as long as a line may be."""
    text = shown(value)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= MAX_SHOWN + len("''...")
    if isinstance(value, str) and len(value) < 20:
        assert ast.literal_eval(text) == value
    assert ("..." in text) is (isinstance(value, str) and len(value) > MAX_SHOWN)


@both
def test_stays_a_refusal(
    refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """S6.11: an answer that nobody can explain is refused all the same."""

    def fail(*_: object) -> str:
        raise RuntimeError("cannot be explained")

    for function in ("registration", "assertion"):
        monkeypatch.setattr(diagnosis, function, fail)
    kind = {"register": "Registration", "authenticate": "Authentication"}[name]
    assert refuse(name, client_data(origin="x")) == f"{LIBRARY}Invalid{kind}Response"
