"""What every browser test stands on: the example site on localhost, in a watched browser."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from otp_passkeys.models import Passkey

from ..helpers.live import LiveServer
from . import chromium as chromium_module
from . import firefox as firefox_module
from . import steps
from .chromium import Complaints, VirtualAuthenticator
from .firefox import Firefox
from .managers import SCRIPT, script
from .patience import QUICK
from .quiet import RequestsInProgress, Traffic

EXAMPLE_PROJECT = Path(__file__).parents[2] / "example_project"

# The usual size of a window, the lowest in which anything sticks to an edge, and a screen that is magnified by four.
SIZES = [(1280, 720), (320, 640), (320, 256)]

# The database, mails, and what the test runner itself has set, stay the test settings' business.
NOT_THE_EXAMPLES = {
    "ALLOWED_HOSTS", "CONSOLE", "DATABASES", "DEBUG", "EMAIL_BACKEND", "INSTALLED_APPS", "MAILERS",
    "SECRET_KEY",
}  # fmt: skip


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
    executable = chromium_module.executable()
    if executable is None:
        pytest.skip("no Chromium was found")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, in which Django refuses its ORM. The tests
        # call the ORM between two steps of the browser, never while the loop runs.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=10_000)
        browser = chromium_module.launch(playwright, executable)
        yield browser
        browser.close()
        # Connections made while a loop is seen are kept apart from the thread's own.
        connections.close_all()


@pytest.fixture
def requests_in_progress() -> Iterator[RequestsInProgress]:
    """Count what the server is at during one test."""
    requests = RequestsInProgress()
    yield requests
    requests.close()


@pytest.fixture
def quiet_server(
    live_server: LiveServer,
    transactional_db: None,
    requests_in_progress: RequestsInProgress,
    settings: Any,
) -> Iterator[LiveServer]:
    """Serve the example site to one test, and let its requests end before database and settings are as before."""
    yield live_server
    requests_in_progress.wait()


@pytest.fixture
def complaints(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[Complaints]:
    """Fail the test if the browser complained or had anything personal in its console (S0.15).

    What it should complain about is in the test's mark `complaint`, as a pattern.
    """
    complaints = Complaints()
    for mark in request.node.iter_markers("complaint"):
        complaints.expect(*mark.args)
    yield complaints
    assert complaints.unexpected() == []
    assert complaints.leaks(_personal_details()) == []


def _personal_details() -> set[str]:
    users = User.objects.values_list("username", "email", "first_name", "last_name")
    ids = {passkey.id_base64url for passkey in Passkey.objects.all()}
    return ({word for user in users for word in user} | ids) - {""}


@pytest.fixture
def context(
    chromium: Browser,
    quiet_server: LiveServer,
    complaints: Complaints,
    requests_in_progress: RequestsInProgress,
) -> Iterator[BrowserContext]:
    """Open a browser profile of its own, empty and watched."""
    context = chromium.new_context(base_url=quiet_server.url)
    Traffic(context, requests_in_progress)
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
def managed(page: Page, virtual_authenticator: VirtualAuthenticator) -> Page:
    """Return the tab with an authenticator, in whose pages any manager can be put before it."""
    page.add_init_script(path=SCRIPT)
    return page


@pytest.fixture
def quick(managed: Page) -> Page:
    """Return the tab of `managed`, in which long limits are short."""
    managed.add_init_script(QUICK)
    return managed


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


@pytest.fixture(scope="package")
def running_firefox(
    live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Firefox]:
    """Start Firefox once for all tests of this folder."""
    executable = firefox_module.executable()
    if executable is None:
        pytest.skip("no Firefox was found")
    browser = Firefox(
        path=executable, profile=tmp_path_factory.mktemp("firefox"), site=live_server.url
    )
    yield browser
    browser.close()


@pytest.fixture
def firefox(running_firefox: Firefox, quiet_server: LiveServer) -> Iterator[Firefox]:
    """Take a Firefox that is as new, and fail the test if a page of ours had an error."""
    yield running_firefox
    try:
        assert running_firefox.errors() == []
    finally:
        running_firefox.reset()


@pytest.fixture
def served_managers(example_site: None, settings: Any) -> None:
    """Have the site serve the managers' script, for Firefox, which has no init scripts."""
    settings.ROOT_URLCONF = (path("managers.js", script), path("", include("example.urls")))


@pytest.fixture
def panel(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> Page:
    """Open the panel of alice, who has just signed in."""
    steps.open_panel(steps.bring_session(page, alice))
    return page


@pytest.fixture(params=SIZES, ids="{0[0]}x{0[1]}".format)
def window(page: Page, request: pytest.FixtureRequest) -> None:
    """Give the tab a window of each size."""
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
