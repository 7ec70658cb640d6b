"""Steps around the page that asks who is at the browser."""

from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.marker import MARKER

from ..conftest import PASSWORD
from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled

EXPORT = "/settings/export/"
DELETE = "/settings/delete/"


def session_of(page: Page) -> SessionStore:
    """Return the session of a browser."""
    return SessionStore(steps.session_key(page))


def let_time_pass(page: Page, seconds: int = 605) -> None:
    """Let time pass since the user proved who they are; after the page's own requests, which save the session too."""
    if page.url != "about:blank":
        settled(page)
    session = session_of(page)
    session[MARKER] = {**session[MARKER], "time": session[MARKER]["time"] - seconds}
    session.save()


def arrive(page: Page, user: User, authenticator: VirtualAuthenticator | None = None) -> Passkey:
    """Bring the session of a user who has a passkey, and signed in with the password some time ago."""
    passkey = steps.give_passkey(user, authenticator)
    arrive_without(page, user)
    return passkey


def arrive_without(page: Page, user: User) -> None:
    """Bring the session of a user who signed in with the password some time ago."""
    steps.bring_session(page, user, verified=False, in_step=True)
    let_time_pass(page)


def expect_asked(page: Page, user: User) -> None:
    """Expect the page that asks, for this user's account."""
    expect(page.get_by_role("heading", name="Let’s make sure it’s you")).to_be_visible()
    account = page.get_by_text("Account: ")
    expect(account).to_have_text(f"Account: {user.get_username()}")
    expect(account.locator("input")).to_have_count(0)


def prove_by_password(page: Page, password: str = PASSWORD) -> None:
    """Give a password on the page that asks."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Next").click()
