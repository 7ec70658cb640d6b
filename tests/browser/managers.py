"""Password managers and browsers in the place of this one; managers.js has them, each named for what it imitates."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from playwright.sync_api import Page

from ..conftest import PASSWORD
from .firefox import Firefox

SCRIPT = Path(__file__).with_name("managers.js")

NOT_CREATED = "No passkey was created. The request was cancelled or timed out. You can try again."
NOT_USED = "No passkey was used. Try again or choose another way."
GENERAL = "Something went wrong. You can try again or sign in another way."
NOT_ADDED = "Something went wrong. Reload the page and try again."


def script(request: HttpRequest) -> HttpResponse:
    """Serve the managers, for a browser that has no init scripts."""
    return HttpResponse(SCRIPT.read_text(), content_type="text/javascript")


def imitate(page: Page, browser: str) -> None:
    """Have the pages that are opened next find another browser."""
    page.add_init_script(f"window.imitated = '{browser}'")
    page.add_init_script(path=SCRIPT)


def become(page: Page, name: str) -> None:
    """Put a manager into the page."""
    page.evaluate("(name) => managers.become(name)", name)


def plug_in(firefox: Firefox) -> None:
    """Put the managers' script into the page that Firefox shows."""
    firefox.run(
        "document.head.append(Object.assign(document.createElement('script'), {src: '/managers.js'}))"
    )
    firefox.until(lambda: bool(firefox.run("return 'managers' in window")), what="the managers")


def sign_in_by_password(firefox: Firefox) -> None:
    """Sign alice in with her password, on the page that is open."""
    firefox.type("[name=username]", "alice")
    firefox.type("[name=password]", PASSWORD)
    firefox.click("form:has([name=password]) button[type=submit]")
    firefox.until(lambda: "signed in as alice" in firefox.text(), what="the password sign-in")
