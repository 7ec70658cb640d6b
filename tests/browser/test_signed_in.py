"""The sign-in page of somebody who is signed in already, in Chromium."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from . import steps
from .accessibility import examine
from .keyboard import choose

pytestmark = pytest.mark.browser


def arrive(page: Page, user: User) -> None:
    """Open the sign-in page, as a link with a page to go to does, and read who is signed in."""
    page.goto(reverse("otp_passkeys:sign-in") + f"?next={reverse('settings')}")
    heading = page.get_by_role("heading", name=f"You’re signed in as {user.get_username()}")
    expect(heading).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)


def test_continues(page: Page, alice: User) -> None:
    """S4.16: alice goes on where she wanted to go, by keyboard."""
    steps.bring_session(page, alice, in_step=True)
    arrive(page, alice)
    examine(page)
    choose(page, page.get_by_role("link", name="Continue"))
    expect(page).to_have_url(reverse("settings"))


@pytest.mark.parametrize("javascript", [True, False])
def test_switches(page: Page, plain_page: Page, alice: User, bob: User, javascript: bool) -> None:
    """S4.14: alice signs out by a button, and bob signs in and goes on, without JavaScript too."""
    tab = page if javascript else plain_page
    steps.bring_session(tab, alice, in_step=True)
    arrive(tab, alice)
    tab.get_by_role("button", name="Sign out and use another account").click()
    expect(tab.get_by_label("Username")).to_be_focused()
    steps.fill_in_password(tab, bob)
    expect(tab).to_have_url(reverse("settings"))
    expect(tab.get_by_text("bob", exact=False).first).to_be_visible()
