"""Tests that need another package: `nox -s imports` runs them once for each."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import modify_settings

SOURCE = os.environ.get("IMPORTS_SOURCE", "")

if not SOURCE:
    collect_ignore_glob = ["test_*.py"]
else:
    from .packages import Package, package
    from .settings import APPS

    @pytest.fixture
    def old() -> Package:
        """Return the package that the site comes from."""
        return package(SOURCE)

    @pytest.fixture
    def uninstalled() -> Callable[[], AbstractContextManager[object]]:
        """Return a context in which the package is not in INSTALLED_APPS any more."""
        return lambda: modify_settings(INSTALLED_APPS={"remove": APPS[SOURCE]})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another package."""
    marks = {item: item.get_closest_marker("source") for item in items}
    others = [item for item, mark in marks.items() if mark and SOURCE not in mark.args]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
