"""Images that may be served, whatever a registry says that they are."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

_SVG = "image/svg+xml"
_RASTER = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_SUFFIXES = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": _SVG,
    ".webp": "image/webp",
}
_DATA_URI = re.compile(r"data:([a-z+/]+);base64,(.+)", re.DOTALL)


@dataclass(frozen=True)
class Icon:
    """An image and its media type: PNG, JPEG, GIF, WebP or SVG."""

    content: bytes
    content_type: str


def make_icon(content: bytes, declared: str | None) -> Icon | None:
    """Return an image under its true type, or None if it is none of those that are served.

    :param content: the bytes of the image; some that are declared to be PNG are JPEG.
    :param declared: the media type that its source gives. Only what is declared as SVG can be SVG.
    """
    if declared != _SVG and declared not in _RASTER:
        return None
    for content_type, signature in _RASTER.items():
        if signature.match(content):
            return Icon(content, content_type)
    return Icon(content, _SVG) if declared == _SVG and b"<svg" in content else None


def read_icon(path: Path) -> Icon | None:
    """Return the image in a file, or None if it is none that is served.

    :param path: its suffix tells what it should be.
    :raises OSError: if it cannot be read.
    """
    return make_icon(path.read_bytes(), _SUFFIXES.get(path.suffix.lower()))


def parse_data_uri(uri: str) -> Icon | None:
    """Return the image in a ``data:`` URI, or None if it is none that is served.

    :param uri: with base64 data; missing padding, which some registries' entries lack, is forgiven as
        browsers do.
    """
    if not (parts := _DATA_URI.fullmatch(uri)):
        return None
    data = "".join(parts[2].split())
    try:
        return make_icon(base64.b64decode(data + "=" * (-len(data) % 4), validate=True), parts[1])
    except ValueError:
        return None
