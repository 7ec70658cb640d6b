"""What a user does on the sign-in page of a browser that remembers accounts."""

from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page

from otp_passkeys.remembered import COOKIE

from ..helpers.remembered import remembering, value


def remember(page: Page, *users: User) -> Page:
    """Put into a browser what it would hold if these users had signed in there."""
    cookie = value(remembering(*users))
    page.context.add_cookies(
        [{"name": COOKIE, "value": cookie, "domain": "localhost", "path": "/", "httpOnly": True}]
    )
    return page


def row(page: Page, name: str) -> Locator:
    """Find the row of an account."""
    return page.get_by_role("listitem").filter(has_text=f"Sign in as {name}")


def sign_in_as(page: Page, name: str) -> None:
    """Choose an account on the page that is open."""
    page.get_by_role("link", name=f"Sign in as {name}").click()


def signed_in_as(page: Page) -> str | None:
    """Return who the home page greets."""
    page.goto("/")
    greeting = page.get_by_text("You are signed in as")
    return greeting.text_content() if greeting.count() else None
