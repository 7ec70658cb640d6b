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
_DISTRIBUTIONS = {"this app": "django-otp-passkeys", "allauth": "django-allauth"}
Figures = Mapping[str, Mapping[str, Any]]
"""Packages, and the figure of each operation."""


def show(sections: Mapping[str, Figures], packages: Sequence[str]) -> None:
    """Print what was measured.

    :param sections: what the figures are, such as "million instructions".
    :param packages: the columns; where the first is the floor, ratios to it are shown.
    """
    lines = [["", *map(_name, packages)]]
    for what, of_packages in sections.items():
        operations = dict.fromkeys(one for figures in of_packages.values() for one in figures)
        for operation in operations:
            values = [of_packages[package].get(operation) for package in packages]
            base = values[0] if packages[0] == "floor" else None
            cells = [_shown(what, value, base) for value in values]
            lines.append([f"{operation}, {what}" if operation else what, *cells])
    print(f"\n{_surroundings()}\n\n{table(lines)}")


def _name(package: str) -> str:
    if package == "floor":
        return package
    name, _, release = package.partition("==")
    return f"{name} {release or version(_DISTRIBUTIONS.get(name, name))}"


def _shown(what: str, value: Any, base: Any) -> str:
    if value is None:
        return _NONE
    if isinstance(value, tuple):
        return " / ".join(map(str, value))
    if "instructions" in what:
        text = f"{value / 1e6:.1f}"
        return text if base in (None, value) else f"{text} ({value / base:.2f} x)"
    if "time" in what:
        return f"{value / base:.2f} x" if base else f"{1000 * value:.1f} ms"
    return f"{1000 * value:.0f}" if "ms" in what else f"{value:.0f}"


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
