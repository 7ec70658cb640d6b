"""What is said after the pages that rename and delete, on the way back, and where nothing else remains."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from ..helpers.steps import lose_password
from . import steps
from .quiet import Traffic, settled
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

NORDPASS = "b84e4048-15dc-4dd0-8640-f4f60813c8af"


@pytest.fixture
def passkeys(transactional_db: None, alice: User) -> list[Passkey]:
    """Give alice two passkeys."""
    return [steps.passkey_from_elsewhere(alice, aaguid=aaguid)[0] for aaguid in (GOOGLE, NORDPASS)]


def press(page: Page, button: str) -> None:
    """Press the button of a form once the page's own report is answered: of two that save the session, one is kept."""
    if Traffic.watches(page):
        settled(page)
    page.get_by_role("button", name=button).click()


def delete_by_page(page: Page, passkey: Passkey) -> None:
    """Delete on the page that asks."""
    page.goto(reverse("otp_passkeys:delete", args=[passkey.pk]))
    press(page, "Delete passkey")
    expect(page.get_by_role("heading", name="Passkeys", exact=True)).to_be_visible()


@pytest.mark.parametrize("scripts", ["page", "plain_page"])
def test_said_once(
    request: pytest.FixtureRequest, alice: User, passkeys: list[Passkey], scripts: str
) -> None:
    """S1.14, S2.8: the panel says what the pages have done, with the name, and says it once."""
    page: Page = request.getfixturevalue(scripts)
    steps.bring_session(page, alice)
    status = page.get_by_role("status")
    page.goto(reverse("otp_passkeys:rename", args=[passkeys[0].pk]))
    page.get_by_label("Name", exact=True).fill("Desk")
    press(page, "Save")
    expect(status).to_have_text("The passkey is now called “Desk”.")
    delete_by_page(page, passkeys[1])
    expect(status).to_contain_text("“NordPass” was deleted.")
    expect(status).to_contain_text("Open NordPass, find this site, and delete the passkey there.")
    expect(page.get_by_role("link", name="Sign out everywhere else")).to_have_count(1)
    steps.open_panel(page)
    expect(status).to_have_text("")
    expect(page.locator("[data-after-deletion]")).to_be_hidden()


@pytest.mark.parametrize("scripts", ["page", "plain_page"])
def test_in_sight(
    request: pytest.FixtureRequest, alice: User, passkeys: list[Passkey], scripts: str
) -> None:
    """S1.14: the words are in the window. On a telephone they stood below it once the list was empty."""
    page: Page = request.getfixturevalue(scripts)
    page.set_viewport_size({"width": 320, "height": 568})
    passkeys[1].delete()
    steps.bring_session(page, alice)
    delete_by_page(page, passkeys[0])
    expect(page.get_by_text("“Google Password Manager” was deleted.")).to_be_in_viewport(ratio=1)


@pytest.mark.complaint("status of 404")
def test_back_after_a_deletion(page: Page, alice: User, passkeys: list[Passkey]) -> None:
    """S2.6: the page of a passkey that is gone says so. It said "That did not work"."""
    steps.open_panel(steps.bring_session(page, alice))
    delete_by_page(page, passkeys[1])
    page.go_back()
    expect(page.get_by_role("heading")).to_have_text("This passkey is already gone")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("link", name="Back to your passkeys").click()
    expect(steps.rows(page)).to_have_count(1)


def test_only_way_in(page: Page, alice: User, passkeys: list[Passkey]) -> None:
    """P8: the question that cannot be asked says why, and its main button leads to the remedy."""
    passkeys[1].delete()
    lose_password(alice)
    steps.open_panel(steps.bring_session(page, alice))
    steps.ask_to_delete(steps.rows(page))
    dialog = page.get_by_role("dialog", name="This is your only way to sign in")
    expect(dialog.get_by_role("button", name="Delete passkey")).to_have_count(0)
    dialog.get_by_text("Add another passkey", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_focused()
    page.goto(reverse("otp_passkeys:delete", args=[passkeys[0].pk]))
    expect(page.get_by_role("heading", level=1)).to_have_text("This is your only way to sign in")
    page.get_by_role("link", name="Add another passkey").click()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_focused()


def test_last_but_not_only(page: Page, alice: User, passkeys: list[Passkey]) -> None:
    """P8: where the password remains, one sentence says so, and the passkey may go."""
    passkeys[1].delete()
    steps.open_panel(steps.bring_session(page, alice))
    steps.ask_to_delete(steps.rows(page))
    dialog = page.get_by_role("dialog", name="Delete this passkey?")
    expect(dialog).to_contain_text(
        "This is your last passkey. You can still sign in with your password."
    )
    expect(dialog.get_by_role("button", name="Delete passkey")).to_be_visible()


def test_messages_name_the_passkey(page: Page, alice: User) -> None:
    """S1.4: of several with one name, the words tell which it was, as its owner reads it."""
    for _ in range(2):
        stored_passkey(alice, rp_id="localhost", aaguid=GOOGLE)
    steps.begin_in_panel(page, alice)
    row = steps.rows(page).nth(1)
    steps.rename(row, "$& {name}")
    expect(page.get_by_role("status")).to_have_text("The passkey is now called “$& {name}”.")
    steps.rename(row, "")
    expect(page.get_by_role("status")).to_have_text(
        "The passkey is now called “Google Password Manager 2”."
    )
    steps.delete(row)
    expect(page.get_by_role("status")).to_contain_text("“Google Password Manager 2” was deleted.")
