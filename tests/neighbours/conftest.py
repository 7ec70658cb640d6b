"""Tests that need another package: `nox -s neighbours` runs them once for each."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User

from tests.helpers.docs import code_block
from tests.helpers.live import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Page

NEIGHBOUR = os.environ.get("NEIGHBOUR", "")
FILES = {
    "allauth": "test_allauth.py",
    "wagtail": "test_wagtail.py",
    "unfold": "test_admin_themes.py",
    "jazzmin": "test_admin_themes.py",
}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what is about another package, and all of it in the ordinary suite."""
    name = collection_path.name
    return True if name.startswith("test_") and name != FILES.get(NEIGHBOUR) else None


@pytest.fixture
def site_module(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], ModuleType]:
    """Return a function that makes a module of the site from the code of a page, which has these words."""

    def make(page: str, having: str) -> ModuleType:
        module = ModuleType("site_module")
        exec(code_block(page, "python", having), vars(module))
        monkeypatch.setitem(sys.modules, "site_module", module)
        return module

    return make


@pytest.fixture
def staff(alice: User) -> User:
    """Let alice do everything."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return alice


@pytest.fixture(scope="session")
def live_server(django_db_setup: None) -> Iterator[LiveServer]:
    """Serve the site once there is a database: threads of a server that is older would share one connection."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def page(live_server: LiveServer) -> Iterator[Page]:
    """Open a tab at the site, as large as an admin is made for."""
    from tests.browser.plain import tab

    window: Any = {"width": 1280, "height": 720}
    with tab(live_server.url, viewport=window, device_scale_factor=2) as page:
        yield page
