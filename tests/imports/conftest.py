"""Tests that need another package: `nox -s imports` runs them once for each."""

from __future__ import annotations

import os

import pytest

SOURCE = os.environ.get("IMPORTS_SOURCE")

if SOURCE is None:
    collect_ignore_glob = ["test_*.py"]
else:
    from .packages import Package, package

    @pytest.fixture
    def old() -> Package:
        """Return the package that the site comes from."""
        return package(SOURCE)
