"""Promises of a browser or a password manager that never settle, or too late: nothing waits for them for long."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import APIResponse, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from . import steps
from .chromium import Complaints, VirtualAuthenticator, until
from .firefox import Firefox
from .quiet import HELD, hurry, queued, settled, unlocked
from .test_managers import become, managed, plug_in, site
from .test_no_answer import TIMEOUT
from .test_offer import offer
from .test_sync_guards import HOLD_LOCK

__all__ = ["managed", "site"]  # fixtures

pytestmark = pytest.mark.browser

# A ceremony of 305 s, and the 10 s for a lock, pass in a thousandth of their time; the 20 s of a request stay.
QUICK = """
window.patient = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => patient(ms === 20000 ? ms : ms / 1000);
"""
NOT_CREATED = "No passkey was created. The request was cancelled or timed out. You can try again."
NOT_USED = "No passkey was used. Try again or choose another way."


@pytest.fixture
def quick(managed: Page) -> Page:
    """Return a tab with managers in which long limits are short."""
    managed.add_init_script(QUICK)
    return managed


def count(page: Page, name: str) -> list[str]:
    """Collect the methods of the requests to an address of the app, in all tabs."""
    sent: list[str] = []
    url = reverse(f"otp_passkeys:{name}")
    page.context.on(
        "request", lambda one: sent.append(one.method) if one.url.endswith(url) else None
    )
    return sent


def expect_not_busy(page: Page) -> None:
    """Expect that nothing is under way in the panel, and the lock is free."""
    expect(page.locator("[aria-busy]")).to_have_count(0)
    unlocked(page)


def imitate(page: Page, name: str) -> None:
    """Put a manager or browser into the page from the start, and install a clock."""
    page.add_init_script(f"managers.become('{name}')")
    page.clock.install()


def use_panel(page: Page, passkey: Passkey, name: str) -> None:
    """Refresh the list and rename a passkey, in a page whose clock is moved on."""
    page.get_by_text("Refresh the list").click()
    refreshed = page.get_by_text("The list is up to date.")
    hurry(page, refreshed.is_visible, what="a list that was read anew")
    row = steps.row(page, passkey.id_base64url)
    steps.keep_name(page)
    row.locator("[data-rename]").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save").click()
    renamed = page.get_by_text("The new name was saved.")
    hurry(page, renamed.is_visible, what="the new name")
    expect(row).to_contain_text(name)


def test_signals_and_the_panel(
    managed: Page, virtual_authenticator: VirtualAuthenticator, live_server: LiveServer, alice: User
) -> None:
    """S6.1: the panel adds, renames, refreshes and deletes, in each tab and after a reload; the sync is reported."""
    passkey, _ = steps.passkey_from_elsewhere(alice, origin=live_server.url)
    steps.bring_session(managed, alice)
    imitate(managed, "safari_26")
    steps.open_panel(managed)
    steps.add_passkey(managed)
    hurry(managed, lambda: steps.rows(managed).count() == 2, what="the new row")
    use_panel(managed, passkey, "Phone")
    other = managed.context.new_page()
    steps.open_panel(other)
    use_panel(other, passkey, "Desk")
    managed.reload()
    use_panel(managed, passkey, "Shelf")
    steps.ask_to_delete(steps.row(managed, passkey.id_base64url))
    managed.get_by_role("button", name="Delete passkey", exact=True).click()
    hurry(managed, lambda: steps.rows(managed).count() == 1, what="one row")
    hurry(managed, lambda: not managed.evaluate(HELD), what="a free lock")
    steps.expect_synced(managed)
    assert virtual_authenticator.ids() == {Passkey.objects.get().id_base64url}


def test_signal_after_a_refusal(
    managed: Page,
    virtual_authenticator: VirtualAuthenticator,
    live_server: LiveServer,
    complaints: Complaints,
    alice: User,
) -> None:
    """S6.1: a sign-in with an unknown passkey says so, and the button can be pressed again."""
    complaints.expect("status of 404")
    passkey, credential = steps.passkey_from_elsewhere(alice, origin=live_server.url, synced=False)
    passkey.delete()
    virtual_authenticator.hold(credential)
    virtual_authenticator.set_presence(False)
    imitate(managed, "safari_26")
    steps.open_sign_in(managed, virtual_authenticator)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(managed)
    expect(
        managed.get_by_text("This passkey isn't linked to an account here any more.")
    ).to_be_visible()
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    managed.clock.run_for(2000)
    settled(managed)
    asked = count(managed, "authenticate-options")
    steps.press_passkey_button(managed)
    until(managed, lambda: bool(asked), what="another request")


@pytest.mark.usefixtures("virtual_authenticator")
def test_autofill_that_may_be_possible(managed: Page) -> None:
    """S6.1: where a browser does not say whether it has autofill, the button asks and nothing else does."""
    imitate(managed, "browser_that_never_says_what_it_can")
    asked = count(managed, "authenticate-options")
    managed.goto(steps.any_account())
    managed.clock.run_for(3000)
    assert asked == []
    steps.press_passkey_button(managed)
    until(managed, lambda: asked == ["POST"], what="the button's request")


def test_upgrade_that_may_be_possible(managed: Page, alice: User) -> None:
    """S6.1: where a browser does not say whether it adds passkeys by itself, one is offered."""
    imitate(managed, "browser_that_never_says_what_it_can")
    asked = count(managed, "register-options")
    steps.bring_session(managed, alice)
    managed.goto("/")
    hurry(managed, offer(managed).is_visible, what="an offer")
    assert asked == []


def test_ceremonies(
    quick: Page, virtual_authenticator: VirtualAuthenticator, live_server: LiveServer, alice: User
) -> None:
    """S6.1: after its time panel and button say that nothing came of it, and can be used again."""
    steps.bring_session(quick, alice)
    steps.open_panel(quick)
    become(quick, "manager_that_never_answers")
    steps.add_passkey(quick)
    expect(quick.get_by_role("status")).to_have_text(NOT_CREATED)
    expect_not_busy(quick)
    become(quick, "")
    with steps.syncing(quick):
        steps.add_passkey(quick)
        expect(steps.rows(quick)).to_have_count(1)
    settled(quick)
    quick.context.clear_cookies()
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(quick, virtual_authenticator)
    become(quick, "manager_that_never_answers")
    steps.press_passkey_button(quick)
    expect(quick.get_by_role("status")).to_contain_text("No passkey was used.")
    become(quick, "")
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(quick)
    steps.expect_signed_in(quick, alice, passkey=True)


@pytest.mark.firefox
def test_ceremonies_in_firefox(firefox: Firefox, alice: User) -> None:
    """S6.1: the same, with Firefox."""
    firefox.add_authenticator()
    firefox.go(steps.any_account())
    for address, button, words in [
        (steps.any_account(), "[data-ready] button", NOT_USED),
        (reverse("otp_passkeys:list"), "[data-add]", NOT_CREATED),
    ]:
        firefox.go(address)
        plug_in(firefox)
        firefox.run(QUICK + "managers.become('manager_that_never_answers')")
        firefox.click(button)
        firefox.until(lambda words=words: words in firefox.text(), what=words)  # type: ignore[misc]
        assert firefox.count("[aria-busy]") == 0
        if address == steps.any_account():
            steps_sign_in(firefox)
    firefox.run("managers.become('')")
    firefox.click("[data-add]")
    firefox.until(lambda: firefox.count("[data-list] [data-id]") == 1, what="the new row")


def steps_sign_in(firefox: Firefox) -> None:
    """Sign alice in with her password, on the page that is open."""
    firefox.type("[name=username]", "alice")
    firefox.type("[name=password]", PASSWORD)
    firefox.click("form:has([name=password]) button[type=submit]")
    firefox.until(lambda: "signed in as alice" in firefox.text(), what="the password sign-in")


def test_autofill_that_goes_on(
    managed: Page, virtual_authenticator: VirtualAuthenticator, live_server: LiveServer, alice: User
) -> None:
    """S6.1: where autofill does not heed its end the button asks all the same, and one answer is sent."""
    _, credential = steps.passkey_from_elsewhere(alice, origin=live_server.url, synced=False)
    virtual_authenticator.hold(credential)
    managed.add_init_script("managers.become('manager_that_keeps_autofill')")
    asked = count(managed, "authenticate-options")
    answers: list[Route] = []
    managed.route("**" + reverse("otp_passkeys:authenticate"), lambda one: answers.append(one))
    managed.goto(steps.any_account())
    until(managed, lambda: len(asked) == 1, what="autofill")
    settled(managed)
    steps.press_passkey_button(managed)
    until(managed, lambda: len(answers) == 1, what="an answer")
    managed.evaluate("managers.answer()")
    until(managed, lambda: len(asserted(virtual_authenticator)) == 2, what="the late answer")
    settled(managed, held=1)
    assert len(answers) == 1
    answers[0].continue_()
    steps.expect_signed_in(managed, alice, passkey=True)
    assert len(asked) == 2


def asserted(authenticator: VirtualAuthenticator) -> list[str]:
    """Return the passkeys that were used, one for each time."""
    return [used for event, used in authenticator.events if event == "asserted"]


ABORTED = "document.querySelector('otp-passkey-add').controller.signal.aborted"
TAKE_LOCK = "navigator.locks.request('otp-passkeys', { steal: true }, () => 0)"


@pytest.fixture
def late(
    quick: Page, virtual_authenticator: VirtualAuthenticator, live_server: LiveServer, alice: User
) -> Page:
    """Open the panel of alice, who has a passkey elsewhere, with a manager that answers late."""
    steps.passkey_from_elsewhere(alice, origin=live_server.url)
    steps.bring_session(quick, alice)
    with steps.syncing(quick):
        steps.open_panel(quick)
    settled(quick)
    become(quick, "manager_that_answers_late")
    return quick


@pytest.mark.parametrize("end", ["its time", "an abort"])
def test_late_passkey(late: Page, virtual_authenticator: VirtualAuthenticator, end: str) -> None:
    """S6.1: a passkey that comes after its time, or after an abort, is saved."""
    if end == "an abort":
        late.evaluate("void (AbortSignal.timeout = patient)")
    steps.add_passkey(late)
    until(late, lambda: len(virtual_authenticator.ids()) == 1, what="a passkey in the manager")
    if end == "an abort":  # another tab takes the lock
        late.evaluate(TAKE_LOCK)
        until(late, lambda: bool(late.evaluate(ABORTED)), what="the end of the request")
    expect(late.get_by_role("status")).to_have_text(NOT_CREATED if end == "its time" else "")
    expect_not_busy(late)
    with steps.syncing(late):
        late.evaluate("managers.answer()")
        expect(late.get_by_text("Your passkey was added.")).to_be_visible()
    expect(steps.rows(late)).to_have_count(2)
    settled(late)
    [new] = virtual_authenticator.ids()
    assert Passkey.objects.latest("pk").id_base64url == new


@pytest.mark.parametrize("reported", [True, False])
def test_late_passkey_after_a_list(
    late: Page,
    virtual_authenticator: VirtualAuthenticator,
    complaints: Complaints,
    reported: bool,
) -> None:
    """S6.1: if a list without it was signalled meanwhile it is dropped, and another list is signalled (S0.24)."""
    complaints.expect("ERR_FAILED")
    sync = "**" + reverse("otp_passkeys:sync")
    registrations = count(late, "register")
    steps.add_passkey(late)
    expect(late.get_by_role("status")).to_have_text(NOT_CREATED)
    until(late, lambda: len(virtual_authenticator.ids()) == 1, what="a passkey in the manager")
    if not reported:
        late.route(
            sync, lambda one: one.abort() if one.request.method == "POST" else one.continue_()
        )
    with late.expect_request(lambda one: one.method == "POST" and one.url.endswith("/sync/")):
        late.get_by_text("Refresh the list").click()
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    settled(late)
    late.unroute(sync)
    with steps.syncing(late):
        late.evaluate("managers.answer()")
    settled(late)
    assert registrations == []
    assert Passkey.objects.count() == 1


def test_lock_of_a_tab_that_hangs(
    quick: Page, virtual_authenticator: VirtualAuthenticator, complaints: Complaints, alice: User
) -> None:
    """S6.1: adding waits ten seconds for a lock that another tab keeps, and then the sync goes on too."""
    complaints.expect("Lock broken")  # in the tab that keeps it
    steps.bring_session(quick, alice)
    with steps.syncing(quick):
        steps.open_panel(quick)
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
    steps.bring_session(quick, alice)
    quick.goto("/")
    expect(offer(quick)).to_be_visible()
    assert asked == []


def test_list_of_a_sync_that_lost_the_lock(
    page: Page, virtual_authenticator: VirtualAuthenticator, live_server: LiveServer, alice: User
) -> None:
    """S6.1: a list that was asked for before the lock was taken away is not signalled any more (S0.24)."""
    steps.passkey_from_elsewhere(alice, origin=live_server.url)
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
    steps.bring_session(page, alice)
    steps.open_panel(page)
    until(page, lambda: bool(held), what="a list that is read")
    steps.add_passkey(page)
    queued(page, held=1)
    page.clock.fast_forward(10_000)
    expect(page.get_by_text("Your passkey was added.")).to_be_visible()
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
