"""Pages from before a registration that are shown again: none of them brings back an old list.

A page that comes back is loaded anew here: `test_back_forward_cache.py` has a Chromium that keeps pages. What the
panel does when it comes from that cache is proved with the event that the browser would send.
"""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

SYNC_ELEMENT = "<otp-passkey-sync"


@pytest.mark.parametrize("synced", [True, False])
def test_back_to_an_old_page(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, synced: bool
) -> None:
    """Back on a page from before a registration, whether it had synced or not, nothing is lost (S0.24, Y2)."""
    steps.passkey_from_elsewhere(alice)
    read: list[Route] = []

    def never_answer(route: Route) -> None:
        read.append(route)
        route.fetch()

    sync = "**" + reverse("otp_passkeys:sync")
    if not synced:
        page.route(sync, never_answer)
    if synced:
        steps.begin_visit(page, alice)
    else:
        steps.bring_session(page, alice).goto("/")
        until(page, lambda: bool(read), what="a list that is read")
        page.unroute(sync)
    with steps.syncing(page):
        steps.open_panel(page)
    with steps.syncing(page):
        steps.add_passkey(page)
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()
    [new] = virtual_authenticator.ids()
    page.go_back()
    expect(page.get_by_text("You are signed in as alice")).to_be_visible()
    settled(page)
    assert virtual_authenticator.ids() == {new}
    page.go_forward()
    expect(steps.row(page, new)).to_be_visible()
    settled(page)
    assert virtual_authenticator.ids() == {new}


def test_restored_tab(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """The HTML of a page from before a registration, shown again, fetches the list of now (S0.24, Y2)."""
    steps.passkey_from_elsewhere(alice)
    old: list[str] = []

    def keep(route: Route) -> None:
        response = route.fetch()
        old.append(response.text())
        route.fulfill(response=response)

    panel = "**" + reverse("otp_passkeys:list")
    steps.bring_session(page, alice)
    page.route(panel, keep)
    with steps.syncing(page):
        steps.open_panel(page)
    page.unroute(panel)
    with steps.syncing(page):
        steps.add_passkey(page)
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()
    [new] = virtual_authenticator.ids()
    assert SYNC_ELEMENT in old[0]
    assert new not in old[0]
    page.route(panel, lambda route: route.fulfill(body=old[0], content_type="text/html"))
    with steps.syncing(page):
        steps.open_panel(page)
    expect(steps.rows(page)).to_have_count(1)
    settled(page)
    assert virtual_authenticator.ids() == {new}
    assert Passkey.objects.count() == 2


@pytest.mark.usefixtures("virtual_authenticator")
def test_panel_from_the_back_forward_cache(page: Page, alice: User) -> None:
    """A panel that the browser had kept reads its list again when it is shown (S2.4)."""
    steps.begin_in_panel(page, alice)
    passkey, _ = steps.passkey_from_elsewhere(alice)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(steps.row(page, passkey.id_base64url)).to_be_visible()
