"""Tests that need another package: `nox -s imports` runs them once for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
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
    def uninstalled() -> Callable[[], AbstractContextManager[None]]:
        """Return a context in which the package is not in INSTALLED_APPS any more."""
        return lambda: modify_settings(INSTALLED_APPS={"remove": APPS[SOURCE]})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Skip what is about another package."""
    for item in items:
        mark = item.get_closest_marker("source")
        if mark is not None and SOURCE not in mark.args:
            item.add_marker(pytest.mark.skip(reason="about another package"))
