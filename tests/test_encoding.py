"""Base64url is written in one spelling, and only that spelling is read; so is JSON."""

import pytest

from otp_passkeys.encoding import from_base64url, from_json, to_base64url


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xfb\xff\xfe", "-__-"),
        (bytes(64), "A" * 86),
    ],
)  # fmt: skip
def test_both_ways(value: bytes, text: str) -> None:
    """S0.11, Y9: no padding, and - and _ for + and / (RFC 4648's own examples among them)."""
    assert to_base64url(value) == text
    assert from_base64url(text) == value


@pytest.mark.parametrize("length", range(1, 10))
def test_every_length(length: int) -> None:
    """Y9: every remainder of three bytes comes back."""
    value = bytes(range(250, 250 + 6))[:length] * 2
    assert from_base64url(to_base64url(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        "Zg==",  # padded
        "Zg=",
        "Zh",  # stray bits: another spelling of "f"
        "Z",  # no whole byte
        "Zm9vZ",
        "+//+",  # the other alphabet
        "Zm9v\n",
        " Zm9v",
        "Zm!9v",  # Python's decoder skips foreign characters
        "Zm9\u0076\u0301",
        "\ud800AAA",
        "\uff3am9v",
        "Zm9v\x00",
    ],
)
def test_other_spellings(value: str) -> None:
    """T7: many texts must not stand for the same bytes, or a challenge compares equal that is not."""
    with pytest.raises(ValueError, match="base64url"):
        from_base64url(value)


@pytest.mark.parametrize("value", [None, 0, 1.5, True, b"Zm9v", ["Zm9v"], {"Zm9v": 1}])
def test_no_text(value: object) -> None:
    """T12: what is no string is refused as wrong text is."""
    with pytest.raises(ValueError, match="not a string"):
        from_base64url(value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": [NaN]}', "", "{", "'a'"])
def test_from_json_refuses(text: str) -> None:
    """RFC 8259 §6: what Python's parser takes beside JSON is refused, and what is none."""
    with pytest.raises(ValueError):  # noqa: PT011 - json's own is a subclass
        from_json(text)


def test_from_json() -> None:
    """What is JSON is parsed."""
    assert from_json('{"a": [1, -2.5, null, "é"]}') == {"a": [1, -2.5, None, "é"]}


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_from_json_is_not_deep(opening: str, closing: str) -> None:
    """T12: how deep a text may be does not depend on the version of Python."""
    [fits, too_deep] = [opening * depth + "1" + closing * depth for depth in (500, 501)]
    assert from_json(fits)
    with pytest.raises(ValueError, match="too many lists and objects"):
        from_json(too_deep)
