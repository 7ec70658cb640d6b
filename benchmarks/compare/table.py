"""The table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.harness import table

NONE = "–"


def show(found: dict[str, dict[str, Any]], packages: Sequence[str]) -> None:
    """Print what was measured."""
    lines = [["", *packages]]
    for what, of_packages in found.items():
        lines.append([what, *([""] * len(packages))])
        for operation in dict.fromkeys(one for found in of_packages.values() for one in found):
            values = [of_packages[package].get(operation) for package in packages]
            lines.append([f"  {operation}", *(_shown(value, values[0]) for value in values)])
    print(table(lines))


def _shown(value: Any, base: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, tuple):
        return " / ".join(map(str, value))
    text = f"{value / 1e6:.1f}"
    return text if base in (None, value) else f"{text} ({value / base:.2f} x)"
