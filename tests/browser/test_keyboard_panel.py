"""The panel by keyboard alone: each step in sight, and the focus never lost."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator
from .keyboard import arrive, choose, press, walk
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended, pytest.mark.usefixtures("window")]

# What makes the panel read its list anew while a dialog is open, as when the back button leads to it.
RESTORED = """() => {
  const listed = new Promise((done) => document.addEventListener("otp-passkeys:listed", done, { once: true }));
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  return listed.then(() => {});
}"""


@pytest.mark.parametrize("name", ["Add a passkey", "Add on another device or security key"])
def test_add_and_name(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, name: str
) -> None:
    """Either button adds; the name is typed in place; it is changed again later, and kept."""
    steps.begin_in_panel(page, alice)
    choose(page, page.get_by_role("button", name=name), key="Space")
    field = page.get_by_label("Name", exact=True)
    arrive(field)
    page.keyboard.type("Work laptop")
    walk(page, page.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")
    arrive(page.get_by_role("button", name="Rename Work laptop"))
    expect(page.get_by_role("status")).to_contain_text("The passkey is now called")
    page.keyboard.press("Space")
    arrive(field)
    page.keyboard.type("Home")
    page.keyboard.press("Enter")
    again = page.get_by_role("button", name="Rename Home")
    arrive(again)
    page.keyboard.press("Enter")
    arrive(field)
    page.keyboard.press("Escape")
    arrive(again)
    page.keyboard.press("Enter")
    walk(page, page.get_by_role("button", name="Cancel"))
    page.keyboard.press("Enter")
    arrive(again)
    assert Passkey.objects.get().nickname == "Home"
    assert len(virtual_authenticator.ids()) == 1


@pytest.fixture
def three(alice: User) -> list[Passkey]:
    """Give alice three passkeys."""
    return [steps.passkey_from_elsewhere(alice, aaguid=GOOGLE)[0] for _ in range(3)]


def test_delete(page: Page, alice: User, three: list[Passkey]) -> None:
    """Escape cancels and leads back; Cancel does; the answer yes leads to the next row, at last to the button."""
    steps.begin_in_panel(page, alice)
    row = steps.row(page, three[1].id_base64url)
    control = row.locator("[data-delete]")
    dialog = page.get_by_role("dialog")
    walk(page, control)
    for close in ("Escape", "Enter"):
        page.keyboard.press("Enter")
        arrive(dialog.get_by_role("heading", level=1))
        if close == "Enter":
            page.evaluate(RESTORED)  # the row that the dialog was opened from is another one now
            walk(page, dialog.get_by_role("button", name="Cancel"))
        page.keyboard.press(close)
        expect(dialog).to_be_hidden()
        arrive(control)
    for left in (2, 1, 0):
        page.keyboard.press("Space")
        arrive(dialog.get_by_role("heading", level=1))
        press(page, "Tab")
        expect(dialog.get_by_role("button", name="Delete passkey")).to_be_focused()
        page.keyboard.press("Enter")
        expect(steps.rows(page)).to_have_count(left)
        expect(dialog).to_be_hidden()
        if left:
            arrive(page.locator("[data-id]:focus"))
            walk(page, page.locator("[data-id]:focus-within [data-delete]").first)
    arrive(page.get_by_role("button", name="Add a passkey"))
    assert not Passkey.objects.exists()


def test_rest_of_the_page(page: Page, alice: User) -> None:
    """Advice is put away, the words are explained, the list is read anew, and all the way back."""
    made = steps.passkey_from_elsewhere(alice, aaguid=GOOGLE, synced=False)
    steps.begin_in_panel(page, alice)
    choose(page, page.get_by_role("button", name="Hide this advice"))
    arrive(page.get_by_role("button", name="Add a passkey"))
    expect(page.locator("[data-advice]")).to_be_hidden()
    choose(page, page.locator("summary"))
    arrive(page.locator("summary"))
    expect(page.get_by_text("This site has no copy.")).to_be_visible()
    refresh = page.get_by_role("button", name="Refresh the list")
    choose(page, refresh)
    expect(page.get_by_role("status")).to_have_text("The list is up to date.")
    arrive(refresh)
    row = steps.row(page, made[0].id_base64url)
    walk(page, row.locator("[data-rename]"), key="Shift+Tab")
    walk(page, page.get_by_role("button", name="Add a passkey"), key="Shift+Tab")
