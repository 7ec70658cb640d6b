"""What every browser test stands on: the example site on localhost, in a watched browser."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from otp_passkeys.models import Passkey

from . import chromium as chromium_module
from . import firefox as firefox_module
from .chromium import Complaints, VirtualAuthenticator
from .firefox import Firefox

EXAMPLE_PROJECT = Path(__file__).parents[2] / "example_project"

# The database, mails, and what the test runner itself has set, stay the test settings' business.
NOT_THE_EXAMPLES = {
    "ALLOWED_HOSTS",
    "CONSOLE",
    "DATABASES",
    "DEBUG",
    "EMAIL_BACKEND",
    "INSTALLED_APPS",
    "MAILERS",
    "SECRET_KEY",
}


@pytest.fixture(scope="package")
def example_site(django_db_setup: None) -> Iterator[None]:
    """Turn the test site into the example site, on the test database."""
    sys.path.insert(0, str(EXAMPLE_PROJECT))
    example = importlib.import_module("example.settings")
    changed = {
        name: getattr(example, name)
        for name in dir(example)
        if name.isupper() and name not in NOT_THE_EXAMPLES
    }
    missing = [app for app in example.INSTALLED_APPS if app not in settings.INSTALLED_APPS]
    with override_settings(**changed, INSTALLED_APPS=[*settings.INSTALLED_APPS, *missing]):
        yield
    sys.path.remove(str(EXAMPLE_PROJECT))


@pytest.fixture(scope="package")
def live_server(example_site: None) -> Iterator[LiveServer]:
    """Serve the example site; by name, because no RP ID fits 127.0.0.1."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start Chromium once for all tests of this folder."""
    path = chromium_module.executable()
    if path is None:
        pytest.skip("no Chromium was found")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, in which Django refuses its ORM. The tests
        # call the ORM between two steps of the browser, never while the loop runs.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = chromium_module.launch(playwright, path)
        yield browser
        browser.close()
        # Connections made while a loop is seen are kept apart from the thread's own.
        connections.close_all()


class RequestsInProgress:
    """Count what the server is at, so that no late request writes into the next test's database."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()
        # Kept, because signals hold their receivers weakly.
        self._receivers = (partial(self._add, 1), partial(self._add, -1))
        request_started.connect(self._receivers[0])
        request_finished.connect(self._receivers[1])

    def _add(self, step: int, **_: object) -> None:
        with self._changed:
            self._count += step
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until the server has answered everything that it was asked."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._count <= 0, timeout=10)

    def close(self) -> None:
        """Stop counting."""
        request_started.disconnect(self._receivers[0])
        request_finished.disconnect(self._receivers[1])


@pytest.fixture
def quiet_server(live_server: LiveServer, transactional_db: None) -> Iterator[LiveServer]:
    """Serve the example site to one test, and let its requests end before the database is emptied."""
    requests = RequestsInProgress()
    yield live_server
    requests.wait()
    requests.close()


@pytest.fixture
def complaints(transactional_db: None) -> Iterator[Complaints]:
    """Fail the test if the browser complained or had anything personal in its console (S0.15)."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []
    assert complaints.leaks(_personal_details()) == []


def _personal_details() -> set[str]:
    users = User.objects.values_list("username", "email", "first_name", "last_name")
    ids = {passkey.id_base64url for passkey in Passkey.objects.all()}
    return ({word for user in users for word in user} | ids) - {""}


@pytest.fixture
def context(
    chromium: Browser, quiet_server: LiveServer, complaints: Complaints
) -> Iterator[BrowserContext]:
    """Open a browser profile of its own, empty and watched."""
    context = chromium.new_context(base_url=quiet_server.url)
    context.set_default_timeout(10_000)
    complaints.watch(context)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Open a tab; with `virtual_authenticator`, that is the tab which has it."""
    return context.new_page()


@pytest.fixture
def virtual_authenticator(page: Page, complaints: Complaints) -> Iterator[VirtualAuthenticator]:
    """Give the tab `page` a platform authenticator that answers at once."""
    authenticator = VirtualAuthenticator(page)
    yield authenticator
    complaints.personal |= {credential_id for _, credential_id in authenticator.events}


@pytest.fixture
def plain_page(
    chromium: Browser, quiet_server: LiveServer, complaints: Complaints
) -> Iterator[Page]:
    """Open a tab of a browser that has JavaScript turned off."""
    context = chromium.new_context(base_url=quiet_server.url, java_script_enabled=False)
    context.set_default_timeout(10_000)
    complaints.watch(context)
    yield context.new_page()
    context.close()


@pytest.fixture
def firefox(quiet_server: LiveServer, tmp_path: Path) -> Iterator[Firefox]:
    """Start a Firefox with an empty profile, and fail the test if a page of ours had an error."""
    path = firefox_module.executable()
    if path is None:
        pytest.skip("no Firefox was found")
    browser = Firefox(path=path, profile=tmp_path, site=quiet_server.url)
    try:
        yield browser
        assert browser.errors() == []
    finally:
        browser.close()
