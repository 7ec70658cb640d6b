"""Promises of a browser or a password manager that never settle: nothing waits for them for long."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until
from .firefox import Firefox
from .managers import NOT_CREATED, NOT_USED, become, plug_in, sign_in_by_password
from .patience import QUICK, count, expect_not_busy
from .quiet import HELD, hurry, settled
from .test_offer import offer

pytestmark = [pytest.mark.browser, pytest.mark.extended]


def imitate(page: Page, name: str) -> None:
    """Put a manager or browser into the page from the start, and install a clock."""
    page.add_init_script(f"managers.become('{name}')")
    page.clock.install()


def use_panel(page: Page, passkey: Passkey, name: str) -> None:
    """Refresh the list and rename a passkey, in a page whose clock is moved on."""
    page.get_by_role("button", name="Refresh the list").click()
    refreshed = page.get_by_text("The list is up to date.")
    hurry(page, refreshed.is_visible, what="a list that was read anew")
    row = steps.row(page, passkey.id_base64url)
    steps.keep_name(page)
    row.locator("[data-rename]").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save").click()
    renamed = page.get_by_text("The passkey is now called")
    hurry(page, renamed.is_visible, what="the new name")
    expect(row).to_contain_text(name)


def test_signals_and_the_panel(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.1: the panel adds, renames, refreshes and deletes, in each tab and after a reload; the sync is reported."""
    passkey, _ = steps.passkey_from_elsewhere(alice)
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


@pytest.mark.complaint("status of 404")
def test_signal_after_a_refusal(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.1: a sign-in with an unknown passkey says so, and the button can be pressed again."""
    passkey, credential = steps.passkey_from_elsewhere(alice, synced=False)
    passkey.delete()
    virtual_authenticator.hold(credential)
    virtual_authenticator.set_presence(False)
    imitate(managed, "safari_26")
    steps.open_sign_in(managed, virtual_authenticator)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(managed)
    expect(
        managed.get_by_text("This passkey isn’t linked to an account here any more.")
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
    steps.bring_session(managed, alice).goto("/")
    hurry(managed, offer(managed).is_visible, what="an offer")
    assert asked == []


def test_ceremonies(quick: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """S6.1: after its time panel and button say that nothing came of it, and can be used again."""
    steps.open_panel(steps.bring_session(quick, alice))
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
    steps.sign_in_with_passkey(quick, virtual_authenticator, alice)


@pytest.mark.firefox
@pytest.mark.usefixtures("served_managers")
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
            sign_in_by_password(firefox)
    firefox.run("managers.become('')")
    firefox.click("[data-add]")
    firefox.until(lambda: firefox.count("[data-list] [data-id]") == 1, what="the new row")


def test_autofill_that_goes_on(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.1: where autofill does not heed its end the button asks all the same, and one answer is sent."""
    steps.give_passkey(alice, virtual_authenticator)
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
