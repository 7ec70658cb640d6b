"""Steps around the page that asks who is at the browser."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.marker import MARKER

from ..conftest import PASSWORD
from . import steps
from .chromium import VirtualAuthenticator

EXPORT = "/settings/export/"
DELETE = "/settings/delete/"

# The page after a sign-in may still be about to ask for a passkey of its own.
UPGRADE_TRIED = """() => localStorage["otp-passkeys-upgrade"]
  || !document.querySelector("otp-passkey-offer[options-url]")"""


def session_of(page: Page) -> SessionStore:
    """Return the session of a browser."""
    key = next(one["value"] for one in page.context.cookies() if one["name"] == "sessionid")
    return SessionStore(key)


def let_time_pass(page: Page, seconds: int = 605) -> None:
    """Let time pass since the user proved who they are; after the page's own requests, which save the session too."""
    page.wait_for_function(UPGRADE_TRIED)
    page.wait_for_load_state("networkidle")
    session = session_of(page)
    session[MARKER] = {**session[MARKER], "time": session[MARKER]["time"] - seconds}
    session.save()


def give_passkey(
    user: User, site: LiveServer, authenticator: VirtualAuthenticator | None = None
) -> Passkey:
    """Give a user a passkey, in the browser's authenticator or on a device elsewhere."""
    passkey, credential = steps.passkey_from_elsewhere(user, origin=site.url, synced=False)
    if authenticator:
        authenticator.hold(credential)
    return passkey


def arrive(
    page: Page, user: User, site: LiveServer, authenticator: VirtualAuthenticator | None = None
) -> Passkey:
    """Sign a user in with the password who has a passkey, some time ago.

    The browser gets the passkey afterwards: autofill would sign in with it before the password does.
    """
    passkey, credential = steps.passkey_from_elsewhere(user, origin=site.url, synced=False)
    steps.sign_in_with_password(page, user)
    if authenticator:
        authenticator.hold(credential)
        authenticator.asked.clear()
    let_time_pass(page)
    return passkey


def expect_asked(page: Page, user: User) -> None:
    """Expect the page that asks, for this user's account."""
    expect(page.get_by_role("heading", name="Let's make sure it's you")).to_be_visible()
    account = page.get_by_text("Account: ")
    expect(account).to_have_text(f"Account: {user.get_username()}")
    expect(account.locator("input")).to_have_count(0)


def prove_by_password(page: Page, password: str = PASSWORD) -> None:
    """Give a password on the page that asks."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Next").click()
