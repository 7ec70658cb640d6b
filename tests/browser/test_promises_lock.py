"""The lock of syncs and registrations, kept by a tab that hangs or taken from one."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import APIResponse, Page, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import Complaints, VirtualAuthenticator, until
from .patience import TAKE_LOCK, count
from .quiet import queued, settled
from .test_no_answer import TIMEOUT
from .test_offer import offer
from .test_sync_guards import HOLD_LOCK

pytestmark = [pytest.mark.browser, pytest.mark.extended]


def test_lock_of_a_tab_that_hangs(
    quick: Page, virtual_authenticator: VirtualAuthenticator, complaints: Complaints, alice: User
) -> None:
    """S6.1: adding waits ten seconds for a lock that another tab keeps, and then the sync goes on too."""
    complaints.expect("Lock broken")  # in the tab that keeps it
    steps.begin_in_panel(quick, alice)
    other = quick.context.new_page()
    other.goto(reverse("otp_passkeys:sign-in"))
    other.evaluate(HOLD_LOCK)
    with steps.syncing(quick):
        steps.add_passkey(quick)
        expect(steps.rows(quick)).to_have_count(1)
    settled(quick)
    assert virtual_authenticator.ids() == {Passkey.objects.get().id_base64url}


def test_offer_beside_a_tab_that_hangs(quick: Page, alice: User) -> None:
    """S6.1: nothing is added unasked without the lock, and a passkey is offered."""
    other = quick.context.new_page()
    other.goto(reverse("otp_passkeys:sign-in"))
    other.evaluate(HOLD_LOCK)
    asked = count(quick, "register-options")
    steps.bring_session(quick, alice).goto("/")
    expect(offer(quick)).to_be_visible()
    assert asked == []


def test_list_of_a_sync_that_lost_the_lock(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.1: a list that was asked for before the lock was taken away is not signalled any more (S0.24)."""
    steps.passkey_from_elsewhere(alice)
    held: list[tuple[Route, APIResponse]] = []
    retried: list[Route] = []

    def hold_back(route: Route) -> None:
        if not held:
            held.append((route, route.fetch()))
        elif new and route.request.method == "GET":
            retried.append(route)
        else:
            route.continue_()

    new = ""
    page.route("**" + reverse("otp_passkeys:sync"), hold_back)
    page.clock.install()
    page.add_init_script(TIMEOUT)
    steps.open_panel(steps.bring_session(page, alice))
    until(page, lambda: bool(held), what="a list that is read")
    steps.add_passkey(page)
    queued(page, held=1)
    page.clock.fast_forward(10_000)
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()
    [new] = virtual_authenticator.ids()
    [(route, response)] = held
    route.fulfill(response=response)
    settled(page)
    assert virtual_authenticator.ids() == {new}
    page.clock.run_for(2000)
    until(page, lambda: bool(retried), what="the next try")
    page.evaluate(TAKE_LOCK)  # its list is asked for a moment later, so it goes on
    with steps.syncing(page):
        retried[0].continue_()
    settled(page)
    assert virtual_authenticator.ids() == {new}
