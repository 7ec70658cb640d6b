"""What the pages around signing in say while nothing has come back yet, and when nothing does."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from . import steps
from .chromium import VirtualAuthenticator
from .held import OPTIONS, Held
from .steps_accounts import remember

pytestmark = [pytest.mark.browser, pytest.mark.extended]

WAITING = "Follow the steps that your browser shows."


@pytest.mark.parametrize("name", ["Sign in with a passkey", "Go", "Sign in as alice"])
def test_press_is_seen(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, name: str
) -> None:
    """S4.4, S4.13: words and a mark on the button come before the server's answer. Nothing had changed until then."""
    virtual_authenticator.set_presence(False)
    steps.give_passkey(alice, virtual_authenticator)
    if name == "Go":
        steps.bring_session(page, alice).goto(reverse("otp_passkeys:reauthenticate") + "?next=/")
    elif name == "Sign in as alice":
        remember(page, alice).goto(reverse("otp_passkeys:sign-in"))
    else:
        steps.open_sign_in(page, virtual_authenticator)
    held = Held(page, OPTIONS, "POST")
    control = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
    control.click()
    held.arrived()
    expect(page.get_by_role("status")).to_have_text(WAITING)
    expect(control).to_have_attribute("aria-busy", "true")
    virtual_authenticator.set_presence(True)
    held.let_go()
    steps.expect_signed_in(page, alice, passkey=True)


@pytest.mark.complaint("ERR_FAILED")
def test_unreachable(page: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S4.14: without a network the words say so, and the button can be pressed again."""
    steps.open_sign_in(page, virtual_authenticator)
    page.route(OPTIONS, lambda route: route.abort())
    steps.press_passkey_button(page)
    expect(page.get_by_role("status")).to_have_text(
        "The site could not be reached. Check your connection and try again."
    )
    button = page.get_by_role("button", name="Sign in with a passkey")
    expect(button).not_to_have_attribute("aria-busy", "true")
