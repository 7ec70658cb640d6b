"""What an origin and a host are, by their spelling alone."""

import pytest

from otp_passkeys.origins import is_same_or_parent, is_web_origin


@pytest.mark.parametrize(
    ("rp_id", "host", "fits"),
    [
        ("example.com", "example.com", True),
        ("example.com", "a.b.example.com", True),
        ("example.com", "notexample.com", False),
        ("a.example.com", "example.com", False),
        ("example.com", "example.com.evil.test", False),
    ],
)
def test_same_or_parent(rp_id: str, host: str, fits: bool) -> None:
    """T26: whole labels are compared, from the end."""
    assert is_same_or_parent(rp_id, host) is fits


@pytest.mark.parametrize(
    ("origin", "web"),
    [
        ("https://example.com", True), ("https://example.com:8443", True),
        ("http://localhost:8000", True), ("http://a.localhost", True),
        ("http://example.com", False), ("http://localhost.evil.test", False),
        ("android:apk-key-hash:x", False), ("https://", False), ("", False),
    ],
)  # fmt: skip
def test_web_origin(origin: str, web: bool) -> None:
    """T26: the well-known file names origins of pages that may use passkeys, and nothing else."""
    assert is_web_origin(origin) is web


def test_broken_web_origin() -> None:
    """T26: what is no address at all is none of a page, and is not raised."""
    assert not is_web_origin("https://[")
