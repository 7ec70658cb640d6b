"""Signing out everywhere else, from the panel, with and without JavaScript."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.steps import is_signed_in
from . import steps
from .accessibility import examine

pytestmark = pytest.mark.browser

LINK = "Sign out everywhere else"


@pytest.fixture
def passkeys(transactional_db: None, alice: User) -> list[Passkey]:
    """Give alice two passkeys, and one of a domain that the site has left."""
    made = [steps.passkey_from_elsewhere(alice)[0] for _ in range(3)]
    made[2].rp_id = "old.example"
    made[2].save()
    return made


@pytest.fixture
def thief(alice: User, passkeys: list[Passkey]) -> Client:
    """Return another browser that is signed in to alice's account."""
    client = Client(headers={"host": "localhost"})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert is_signed_in(client)
    return client


def end_others(page: Page) -> None:
    """Answer the page, and see that this session goes on."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=LINK).click()
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    page.get_by_role("link", name="Back to your passkeys").click()
    expect(steps.rows(page)).to_have_count(2)


def test_after_a_deletion(page: Page, passkeys: list[Passkey], thief: Client, alice: User) -> None:
    """The dialog's deletion is followed by the offer; what it leads to ends the thief's session (P11)."""
    steps.begin_in_panel(page, alice)
    offer = page.locator("[data-after-deletion]")
    expect(offer).to_be_hidden()
    with steps.syncing(page):
        steps.delete(steps.row(page, passkeys[1].id_base64url))
    expect(offer).to_be_visible()
    examine(page)
    offer.get_by_role("link", name=LINK).click()
    end_others(page)
    assert not is_signed_in(thief)


def test_without_javascript(
    plain_page: Page, passkeys: list[Passkey], thief: Client, alice: User
) -> None:
    """The page after a deletion offers it too, and it is a plain form (P11, S2.8)."""
    page = plain_page
    steps.open_panel(steps.bring_session(page, alice))
    expect(page.locator("[data-after-deletion]")).to_be_hidden()
    steps.delete(steps.row(page, passkeys[1].id_base64url))
    page.locator("[data-after-deletion]").get_by_role("link", name=LINK).click()
    end_others(page)
    assert not is_signed_in(thief)


@pytest.mark.complaint("status of 422")
def test_page(page: Page, passkeys: list[Passkey], alice: User) -> None:
    """The page, a wrong password, and the end, are looked at by axe-core; the field has the focus."""
    steps.begin_in_panel(page, alice)
    page.get_by_role("link", name=LINK).last.click()
    field = page.get_by_label("Password")
    expect(field).to_be_focused()
    examine(page)
    field.fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("That password is not right.")
    examine(page)
    field.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    examine(page)


def test_passkey_of_another_domain(page: Page, passkeys: list[Passkey], alice: User) -> None:
    """Its row says for which; deleting it claims nothing of what this browser was asked (P8)."""
    steps.begin_in_panel(page, alice)
    row = steps.row(page, passkeys[2].id_base64url)
    expect(row).to_contain_text("For old.example")
    expect(page.get_by_text("For old.example")).to_have_count(1)
    examine(page)
    row.locator("[data-delete]").click()
    expect(page.get_by_role("dialog")).to_contain_text("does not work at this address")
    with steps.syncing(page):
        page.get_by_role("button", name="Delete passkey", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("delete it where it is saved as well.")
    expect(steps.rows(page)).to_have_count(2)
