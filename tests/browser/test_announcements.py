"""What a screen reader hears: a region that it knows already, whose text changes."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until
from .test_panel_add import REFUSE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# Notes each text that is put into a region, and its role if it can be heard: the region was in the page
# before, and seen; the same words in the place of the same words are no news to a screen reader.
LISTEN = """() => {
  window.heard = [];
  const regions = "[role=status], [role=alert]";
  new MutationObserver((records) => {
    const fresh = records.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ nodeType }) => nodeType === 1);
    for (const one of fresh)
      for (const region of [one, ...one.querySelectorAll("*")])
        if (region.matches(regions) && region.textContent.trim()) heard.push(["new", region.textContent]);
    for (const { target, addedNodes, removedNodes } of records) {
      if (!addedNodes.length || !target.matches?.(regions) || fresh.some((one) => one.contains(target))) continue;
      if (!target.textContent) continue; // emptied, some time after the words of an action that has ended
      const same = removedNodes[0]?.textContent === target.textContent;
      if (target.dataset.kind === "busy") continue; // what is being done, which is news as well
      const role = !target.checkVisibility() ? "hidden" : same ? "no news" : target.role;
      heard.push([role, target.textContent]);
    }
  }).observe(document.body, { childList: true, subtree: true });
}"""


def heard(page: Page, role: str, words: str) -> None:
    """Wait until a region has said something, and expect that it could be heard; then listen anew."""

    def last() -> Any:
        return page.evaluate("heard.at(-1)") or ["", ""]

    until(page, lambda: words in last()[1], what=words)
    assert {one for one, _ in page.evaluate("heard")} == {role}
    page.evaluate("heard.length = 0")


@pytest.mark.complaint("status of 422|ERR_FAILED")
def test_panel(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """The panel's news, the error of a name and that of the dialog are announced (WCAG 4.1.3)."""
    steps.begin_in_panel(page, alice)
    page.evaluate(LISTEN)
    page.evaluate(REFUSE, "NotAllowedError")
    steps.add_passkey(page)
    heard(page, "status", "No passkey was created.")
    steps.add_passkey(page)  # the same once more is news as well
    heard(page, "status", "No passkey was created.")
    page.evaluate("delete navigator.credentials.create")
    steps.add_passkey(page)
    heard(page, "status", "was added. You can give it a name")
    page.get_by_label("Name", exact=True).fill("reversed\u202eman")
    page.keyboard.press("Enter")
    heard(
        page,
        "alert",
        "This name has characters that can’t be used, such as line breaks or signs that turn the direction of text.",
    )
    page.keyboard.press("Enter")
    heard(
        page,
        "alert",
        "This name has characters that can’t be used, such as line breaks or signs that turn the direction of text.",
    )
    page.get_by_label("Name", exact=True).fill("Desk")
    page.keyboard.press("Enter")
    heard(page, "status", "The passkey is now called")
    for _ in range(2):
        page.get_by_role("button", name="Refresh the list").click()
        heard(page, "status", "The list is up to date.")
    steps.ask_to_delete(steps.rows(page))
    page.route("**/delete/", lambda route: route.abort())
    for _ in range(2):
        page.get_by_role("button", name="Delete passkey", exact=True).click()
        heard(page, "alert", "could not be reached")
    page.unroute("**/delete/")
    page.get_by_role("button", name="Delete passkey", exact=True).click()
    heard(page, "status", "was deleted.")
    assert not Passkey.objects.exists()


def test_sign_in(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """What the sign-in page says about a passkey is announced (WCAG 4.1.3)."""
    virtual_authenticator.set_user_verified(False)
    page.goto(steps.any_account())
    page.evaluate(LISTEN)
    steps.press_passkey_button(page)
    heard(page, "status", "No passkey was used.")


def test_offer(page: Page, alice: User) -> None:
    """The offer, and what the browser added by itself, are told in a region that is shown before (WCAG 4.1.3)."""
    page.add_init_script(f"addEventListener('DOMContentLoaded', {LISTEN})")
    steps.bring_session(page, alice).goto("/")
    expect(page.get_by_role("button", name="Not now")).to_be_visible()
    heard(page, "status", "With a passkey on this device")
    # No virtual authenticator adds a passkey unasked, so what follows is asked for.
    page.evaluate("document.querySelector('otp-passkey-offer').settle('added')")
    heard(page, "status", "A passkey was added to your account.")
