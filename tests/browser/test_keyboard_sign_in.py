"""Signing in, proving who one is, and the offer by keyboard alone: each step in sight."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from ..conftest import PASSWORD
from . import steps
from .chromium import VirtualAuthenticator
from .keyboard import arrive, choose, press
from .steps_accounts import remember
from .steps_reauthentication import EXPORT

pytestmark = [pytest.mark.browser, pytest.mark.extended, pytest.mark.usefixtures("window")]


def type_password(page: Page) -> None:
    """Type the password where the focus is, and press Enter."""
    arrive(page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def test_password_and_offer(page: Page, alice: User) -> None:
    """From the front page to the password; the offer is walked to and dismissed; later it is accepted."""
    page.goto("/")
    choose(page, page.get_by_role("navigation").get_by_role("link", name="Sign in"))
    arrive(page.get_by_label("Username"))
    page.keyboard.type("alice")
    press(page, "Tab")
    type_password(page)
    steps.expect_signed_in(page, alice)
    offer = page.locator("otp-passkey-offer")
    later = page.get_by_role("button", name="Not now")
    choose(page, later)
    expect(offer).to_be_hidden()
    page.evaluate("localStorage.removeItem('otp-passkeys-offer')")
    page.reload()
    choose(page, page.get_by_role("button", name="Set up a passkey"))
    # No authenticator is plugged in, so that the browser refuses; the panel says why, if it is asked.
    arrive(page.get_by_role("button", name="Add a passkey"))


def test_passkey(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """The passkey button of the sign-in page; what it says when nothing came of it leaves the focus there."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)  # so that autofill does not sign in by itself
    page.goto(steps.any_account())
    button = page.get_by_role("button", name="Sign in with a passkey")
    choose(page, button)
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    arrive(button)
    virtual_authenticator.set_user_verified(True)
    page.keyboard.press("Space")
    steps.expect_signed_in(page, alice, passkey=True)


def test_welcome_back(page: Page, alice: User, bob: User) -> None:
    """An account is removed; another is chosen, and its password typed."""
    remember(page, alice, bob).goto(reverse("otp_passkeys:sign-in"))
    choose(page, page.get_by_role("button", name="Remove bob from this device"))
    expect(page.get_by_text("The account was removed from this device.")).to_be_visible()
    choose(page, page.get_by_role("link", name="Sign in as alice"))
    type_password(page)
    steps.expect_signed_in(page, alice)


def test_one_tap(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """An account is chosen, and its passkey answers."""
    steps.give_passkey(alice, virtual_authenticator)
    remember(page, alice).goto(reverse("otp_passkeys:sign-in"))
    choose(page, page.get_by_role("link", name="Sign in as alice"))
    steps.expect_signed_in(page, alice, passkey=True)


def test_different_account(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """Without the passkey at hand: another way on the account's page, and another account."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    remember(page, alice).goto(reverse("otp_passkeys:sign-in"))
    choose(page, page.get_by_role("link", name="Sign in as alice"))
    go = page.get_by_role("button", name="Go")
    choose(page, go, key="Space")
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    arrive(go)
    choose(page, page.get_by_role("link", name="Try another way"))
    arrive(page.get_by_label("Password"))
    choose(page, page.get_by_role("link", name="Use a different account"))
    arrive(page.get_by_label("Username"))


def test_reauthenticate(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """The passkey, cancelled; the other way and a wrong password; the right one; and the passkey."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    steps.bring_session(page, alice)
    address = reverse("otp_passkeys:reauthenticate") + f"?next={EXPORT}"
    page.goto(reverse("otp_passkeys:reauthenticate-passkey") + f"?next={EXPORT}")
    go = page.get_by_role("button", name="Go")
    arrive(go)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    arrive(go)
    page.goto(address)
    arrive(go)
    choose(page, page.get_by_role("link", name="Try another way"))
    type_password(page)
    expect(page).to_have_url(EXPORT)
    virtual_authenticator.set_user_verified(True)
    page.goto(address)
    arrive(go)
    page.keyboard.press("Space")
    expect(page).to_have_url(EXPORT)
