"""The back/forward cache of Chromium, which Playwright turns off unless asked: a page comes back as it was."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from ..helpers.live import LiveServer
from . import chromium as chromium_module
from . import steps
from .chromium import Complaints, VirtualAuthenticator, until
from .quiet import RequestsInProgress, Traffic, settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# A page that is kept keeps its variables, so it can say itself that it was.
NOTE_WHAT_WAS_KEPT = "addEventListener('pageshow', (event) => (window.kept = event.persisted))"


@pytest.fixture
def page(
    chromium: Browser,
    quiet_server: LiveServer,
    complaints: Complaints,
    requests_in_progress: RequestsInProgress,
) -> Iterator[Page]:
    """Open a tab of a Chromium that keeps pages, which its headless shell does not."""
    path = chromium_module.executable(complete=True)
    if path is None:
        pytest.skip("no complete Chromium was found")
    browser = chromium.browser_type.launch(
        executable_path=path,
        args=chromium_module.ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    context = browser.new_context(base_url=quiet_server.url)
    context.set_default_timeout(10_000)
    context.add_init_script(NOTE_WHAT_WAS_KEPT)
    Traffic(context, requests_in_progress)
    complaints.watch(context)
    yield context.new_page()
    browser.close()


@pytest.mark.parametrize("pending", [False, True], ids=["synced", "list under way"])
def test_page_that_was_kept(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, pending: bool
) -> None:
    """S0.24, Y2: a page from before a registration comes back as it was, and signals no list of then.

    One that is waiting for its list, and so holds the lock, is not kept: it is loaded anew.
    """
    steps.passkey_from_elsewhere(alice)
    read: list[APIResponse] = []

    def hold_back(route: Route) -> None:
        if read:
            route.continue_()
        else:
            read.append(route.fetch())

    sync = "**" + reverse("otp_passkeys:sync")
    if pending:
        page.route(sync, hold_back)
        steps.bring_session(page, alice).goto("/")
        until(page, lambda: bool(read), what="a list that is asked for")
    else:
        steps.begin_visit(page, alice)
    with steps.syncing(page):
        page.get_by_role("link", name="Settings").evaluate(
            "(link, to) => { link.href = to; link.click(); }", reverse("otp_passkeys:list")
        )
    with steps.syncing(page):
        steps.add_passkey(page)
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()
    [new] = virtual_authenticator.ids()
    page.evaluate("history.back()")
    expect(page.get_by_text("You are signed in as alice")).to_be_visible()
    until(page, lambda: page.evaluate("window.kept") is not pending, what="the page of before")
    settled(page)
    assert virtual_authenticator.ids() == {new}
