"""The list of remembered accounts in Chromium: removing, other accounts, and where they lead."""

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.remembered import COOKIE

from ..conftest import PASSWORD
from ..helpers.live import LiveServer
from ..helpers.remembered import remembering, value
from ..helpers.steps import lose_password
from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled
from .steps_accounts import remember, row, sign_in_as

pytestmark = [pytest.mark.browser, pytest.mark.extended]


def test_remove_without_javascript(plain_page: Page, alice: User, bob: User) -> None:
    """An account is chosen and removed by plain links and forms (S4.15)."""
    page = remember(plain_page, alice, bob)
    page.goto(reverse("otp_passkeys:list"))
    with_bob = page.context.cookies()
    row(page, "bob").get_by_role("button", name="Remove bob from this device").click()
    expect(row(page, "bob")).to_have_count(0)
    assert page.context.cookies() != with_bob
    sign_in_as(page, "alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert urlsplit(page.url).path == reverse("otp_passkeys:list")


@pytest.mark.usefixtures("virtual_authenticator")
def test_remove_with_javascript(page: Page, alice: User) -> None:
    """The button removes and asks for no passkey; with the last account the form is back (S4.15)."""
    remember(page, alice).goto(reverse("otp_passkeys:sign-in"))
    page.get_by_role("button", name="Remove alice from this device").click()
    expect(page.get_by_text("The account was removed from this device.")).to_be_visible()
    expect(page.get_by_label("Username")).to_be_visible()
    assert COOKIE not in {cookie["name"] for cookie in page.context.cookies()}


def test_different_account(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User
) -> None:
    """ "Use a different account" takes any passkey, from autofill too (S4.14)."""
    steps.give_passkey(alice, virtual_authenticator)
    remember(page, bob).goto(reverse("otp_passkeys:sign-in"))
    page.get_by_role("link", name="Use a different account").click()
    steps.expect_signed_in(page, alice, passkey=True)
    assert virtual_authenticator.asked == ["conditional"]


@override_settings(OTP_PASSKEYS_RECOVERY_URL="/recover/")
def test_passkey_only(page: Page, live_server: LiveServer, alice: User) -> None:
    """A user without a password sees no field for one, and has ways out (S4.7, S4.16)."""
    steps.give_passkey(alice)
    lose_password(alice)
    client = remembering()
    client.force_login(alice, "otp_passkeys.backends.PasskeyBackend")
    client.post(reverse("otp_passkeys:sync"), {"token": ""}, content_type="application/json")
    page.context.add_cookies([{"name": COOKIE, "value": value(client), "url": live_server.url}])
    page.goto(reverse("otp_passkeys:sign-in"))
    password = page.locator("input[type=password]")
    expect(password).to_have_count(0)
    href = str(page.locator("[data-account]").get_attribute("href"))
    for address in (href, f"{href}&way=password"):
        page.goto(address)
        expect(page.get_by_role("button", name="Go")).to_be_visible()
        expect(password).to_have_count(0)
        expect(page.get_by_role("link", name="Try another way")).to_have_count(0)
        expect(page.get_by_role("link", name="Use a different account")).to_be_visible()
        lost = page.get_by_role("link", name="I can’t do any of this")
        expect(lost).to_have_attribute("href", "/recover/")


def test_sign_out_and_forget(page: Page, alice: User, bob: User) -> None:
    """Signing out can take the account off the list (S4.15)."""
    remember(page, bob)
    steps.sign_in_with_password(page, alice)
    steps.expect_synced(page)
    page.goto(reverse("settings"))
    page.get_by_role("button", name="Sign out and forget me on this device").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.goto(reverse("otp_passkeys:sign-in"))
    expect(page.get_by_role("link", name="Sign in as bob")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in as alice")).to_have_count(0)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_expired_session(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User, who: str
) -> None:
    """The page that was interrupted comes back for the same user only (S4.19)."""
    user = {"alice": alice, "bob": bob}[who]
    steps.give_passkey(user, virtual_authenticator)
    remember(page, bob)
    virtual_authenticator.set_presence(False)
    steps.sign_in_with_password(page, alice)
    steps.expect_synced(page)
    settled(page)  # the offer's script has asked for what it needs
    virtual_authenticator.set_presence(True)
    profile = reverse("profile") + "?step=2"
    page.goto(profile)
    Session.objects.all().delete()
    page.goto(profile)
    expect(page.get_by_role("heading", name="Welcome back!")).to_be_visible()
    sign_in_as(page, who)
    if who == "alice":
        page.wait_for_url("**" + profile)
    else:
        steps.expect_signed_in(page, bob, passkey=True)
        assert urlsplit(page.url).path == "/"
