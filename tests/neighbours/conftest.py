"""Tests that need another package: `nox -s neighbours` runs them once for each."""

from __future__ import annotations

import os

import pytest

NEIGHBOUR = os.environ.get("NEIGHBOUR", "")

if not NEIGHBOUR:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another package."""
    marks = {item: item.get_closest_marker("neighbour") for item in items}
    others = [item for item, mark in marks.items() if mark and NEIGHBOUR not in mark.args]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
