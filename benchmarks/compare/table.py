"""The figures as one table, whose text the documentation shows as it is."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from platform import python_version
from typing import Any

from benchmarks.harness import table

from .instructions import is_available

_NONE = "–"  # noqa: RUF001 - a package has no such thing
Figures = Mapping[str, Mapping[str, Any]]
"""Packages, and the figure of each operation."""


def show(sections: Mapping[str, Figures], packages: Sequence[str]) -> None:
    """Print what was measured.

    :param sections: what the figures are, such as "million instructions".
    :param packages: the columns; where the first is the floor, ratios to it are shown in brackets.
    """
    lines = [["", *words] for words in zip(*map(_name, packages), strict=True)]
    for what, of_packages in sections.items():
        lines += [[""] * len(lines[0]), [what, *[""] * len(packages)]]
        for operation in dict.fromkeys(one for it in of_packages.values() for one in it):
            values = [of_packages[package].get(operation) for package in packages]
            base = values[0] if packages[0] == "floor" else None
            cells = [_shown(what, operation, value, base) for value in values]
            lines.append([f"  {operation}", *cells])
    text = "\n".join(line.rstrip() for line in table(lines).splitlines())
    print(f"\n{_surroundings()}\n\n{text}")


def _name(package: str) -> tuple[str, str, str]:
    """Return name and release of a package in three lines, so that columns are narrow."""
    name, _, release = package.partition("==")
    if name == "allauth":
        name = "django-allauth"
    if name != "floor":
        release = release or version("django-otp-passkeys" if name == "this app" else name)
    first, hyphen, last = name.rpartition("-")
    return f"{first}{hyphen}", last, release


def _shown(what: str, operation: str, value: Any, base: Any) -> str:
    if value is None:
        return _NONE
    if isinstance(value, tuple):
        return " / ".join(map(str, value))
    if "ratio" in what:
        return f"{value / base:.2f}" if base else _NONE
    text = f"{value:.1f}" if value < 100 else f"{value:.0f}"
    # What Django alone takes at the start is no part of it, so no ratio would mean anything.
    if "added" in operation or base in {None, value}:
        return text
    return f"{text} ({value / base:.2f})"


def _surroundings() -> str:
    """Say when and on what it was measured."""
    today = datetime.now(tz=timezone.utc).date()
    found = [
        f"{today}, Python {python_version()}",
        f"Django {version('django')}",
        f"py_webauthn {version('webauthn')}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    if is_available():
        done = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True)
        found.append(done.stdout.strip())
    return ", ".join(found)
