"""A deletion that takes its time, and words that come before the answer does."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator
from .held import Held
from .quiet import settled
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]


@pytest.fixture
def passkeys(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> list[Passkey]:
    """Give alice two passkeys, and open her panel."""
    made = [steps.passkey_from_elsewhere(alice, aaguid=GOOGLE)[0] for _ in range(2)]
    steps.begin_in_panel(page, alice)
    return made


@pytest.fixture
def deleting(page: Page, passkeys: list[Passkey]) -> Iterator[Held]:
    """Answer the question, and keep the deletion on its way."""
    held = Held(page, re.compile(r"/\d+/delete/$"), "POST")
    steps.ask_to_delete(steps.rows(page).first)
    page.get_by_role("button", name="Delete passkey", exact=True).click()
    held.arrived()
    yield held
    held.let_go()


def beside(page: Page) -> None:
    """Click beside the dialog."""
    page.mouse.click(5, 5)


def escape(page: Page) -> None:
    """Press Escape twice: the second is what Chromium lets no script refuse."""
    for _ in range(2):
        page.keyboard.press("Escape")


def cancel(page: Page) -> None:
    """Press the button, which does not take it."""
    button = page.get_by_role("dialog").get_by_role("button", name="Cancel")
    expect(button).to_be_disabled()
    button.click(force=True)


@pytest.mark.parametrize("close", [beside, escape, cancel])
def test_nothing_closes(page: Page, deleting: Held, close: Callable[[Page], None]) -> None:
    """S1.14: while it is deleted the dialog says so and stays. It looked cancelled, and the passkey went later."""
    dialog = page.get_by_role("dialog")
    close(page)
    settling = dialog.get_by_role("button", name="Deleting…")
    expect(settling).to_have_attribute("aria-busy", "true")
    expect(dialog.get_by_role("alert")).to_have_text("Deleting…")
    assert Passkey.objects.count() == 2
    deleting.let_go()
    expect(dialog).to_be_hidden()
    expect(steps.rows(page)).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("“Google Password Manager” was deleted.")


@pytest.mark.complaint("ERR_FAILED")
def test_closes_again_after_a_refusal(page: Page, passkeys: list[Passkey]) -> None:
    """S1.14: what failed can be cancelled, and tried again."""
    page.route(re.compile(r"/\d+/delete/$"), steps.refuse_posts)
    steps.ask_to_delete(steps.rows(page).first)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete passkey").click()
    expect(dialog.get_by_role("alert")).to_contain_text("could not be reached")
    expect(dialog.get_by_role("button", name="Delete passkey")).to_be_enabled()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert Passkey.objects.count() == 2


def test_words_come_first(page: Page, passkeys: list[Passkey]) -> None:
    """WCAG 4.1.3: what is being done is said while it is, at the button and aloud, and what was said before is gone."""
    status, address = page.get_by_role("status"), re.compile(reverse("otp_passkeys:list") + "$")
    held = Held(page, address, "GET")
    page.get_by_role("button", name="Refresh the list").click()
    held.arrived()
    expect(status).to_have_text("Reading the list…")
    expect(page.get_by_role("button", name="Reading the list…")).to_be_visible()
    held.let_go()
    expect(status).to_have_text("The list is up to date.")
    steps.rows(page).first.locator("[data-rename]").click()
    expect(status).to_have_text("")
    saving = Held(page, re.compile("/rename/$"), "POST")
    page.get_by_label("Name", exact=True).fill("Desk")
    page.get_by_role("button", name="Save").click()
    saving.arrived()
    expect(status).to_have_text("Saving…")
    saving.let_go()
    held.arrived()
    held.let_go()
    expect(status).to_have_text("The passkey is now called “Desk”.")


def test_words_of_before_do_not_come_later(page: Page, passkeys: list[Passkey]) -> None:
    """WCAG 4.1.3: what is answered at once is the last word, though each comes a moment after it is given."""
    page.evaluate(
        """() => {
          const panel = document.querySelector("otp-passkey-panel");
          const status = panel.querySelector("[role=status]");
          window.said = [];
          new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
          panel.say("waiting", "busy");
          panel.say("refreshed");
        }"""
    )
    expect(page.get_by_role("status")).to_have_text("The list is up to date.")
    settled(page)
    assert page.evaluate("said") == ["The list is up to date."]
