"""The panel inside a page of the site, which is light whatever the system is."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Page, expect

from . import steps
from .steps_reauthentication import expect_asked, let_time_pass, prove_by_password

pytestmark = [pytest.mark.browser, pytest.mark.extended]

ACCOUNT = "/account/?tab=security"
NEWS = "#otp-passkeys-news"
PAGE = """{% load otp_passkeys %}<!doctype html><html lang="en"><head><title>Account</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>Account</h1><h2>Security</h2>{% passkey_panel heading=3 %}</body></html>"""

# How the two pictures of an icon are seen: the mask lets a picture through, or does not.
SEEN = """(icon) => [...icon.querySelectorAll("img")].map((img) =>
  getComputedStyle(img).maskImage.includes("rgba(0, 0, 0, 0)") ? "hidden" : "seen")"""


def account(request: HttpRequest) -> HttpResponse:
    """Show the panel in a page of the site."""
    return HttpResponse(Template(PAGE).render(RequestContext(request)))


@pytest.fixture(autouse=True)
def own_page() -> Iterator[None]:
    """Serve the site's own page beside the others."""
    site = path("", include(settings.ROOT_URLCONF))
    with override_settings(ROOT_URLCONF=(path("account/", account), site)):
        yield


def confirm(page: Page, user: User) -> None:
    """Confirm by the password, where a passkey is asked for first."""
    expect_asked(page, user)
    page.get_by_role("link", name="Try another way").click()
    prove_by_password(page)


@pytest.mark.parametrize("ends", ["Delete passkey", "Cancel"])
@pytest.mark.complaint("status of 403")
def test_comes_back(page: Page, alice: User, ends: str) -> None:
    """S1.1, S4.10: after confirming who she is, alice deletes or cancels, and is on her account's page again."""
    for _ in "12":
        steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice, in_step=True).goto(ACCOUNT)
    expect(page.get_by_role("heading", name="Passkeys", level=3)).to_be_visible()
    let_time_pass(page)
    page.get_by_role("button", name="Delete Unknown passkey provider 2").click()
    confirm(page, alice)
    expect(page.get_by_role("heading", name="Delete this passkey?")).to_be_visible()
    page.get_by_role("button", name=ends).or_(page.get_by_role("link", name=ends)).click()
    expect(page).to_have_url(ACCOUNT + (NEWS if ends == "Delete passkey" else ""))
    expect(steps.rows(page)).to_have_count(1 if ends == "Delete passkey" else 2)


@pytest.mark.complaint("status of 403")
def test_comes_back_from_a_row_that_was_read_anew(page: Page, alice: User) -> None:
    """S2.4, S1.1: the rows that a refresh brings lead back to the same page."""
    steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice, in_step=True).goto(ACCOUNT)
    page.get_by_role("link", name="Refresh").or_(page.get_by_role("button", name="Refresh")).click()
    expect(page.get_by_text("The list is up to date.")).to_be_visible()
    let_time_pass(page)
    page.get_by_role("button", name="Delete Unknown passkey provider").click()
    confirm(page, alice)
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(ACCOUNT)


def test_without_javascript(plain_page: Page, alice: User) -> None:
    """S2.8, S1.1: so do the plain pages, after a new name too."""
    steps.passkey_from_elsewhere(alice)
    steps.bring_session(plain_page, alice).goto(ACCOUNT)
    steps.rename(steps.rows(plain_page).first, "Phone")
    expect(plain_page).to_have_url(ACCOUNT + NEWS)
    expect(steps.rows(plain_page)).to_contain_text("Phone")


def test_icons_follow_the_page(page: Page, alice: User) -> None:
    """S1.2: the system is dark and the page is light, so the icon and the tile are for light pages; and the reverse."""
    steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice, in_step=True)
    for system, of_page, seen, tile in (
        ("dark", "normal", ["seen", "hidden"], "rgb(241, 243, 246)"),
        ("dark", "light dark", ["hidden", "seen"], "rgb(42, 48, 57)"),
        ("light", "dark", ["hidden", "seen"], "rgb(42, 48, 57)"),
        ("light", "light dark", ["seen", "hidden"], "rgb(241, 243, 246)"),
    ):
        page.emulate_media(color_scheme=system)  # type: ignore[arg-type]
        page.goto(ACCOUNT)
        page.evaluate(
            "(scheme) => { document.documentElement.style.colorScheme = scheme }", of_page
        )
        icon = page.locator(".otp-passkeys-icon").first
        steps.expect_icon(icon)
        assert icon.evaluate(SEEN) == seen
        expect(icon).to_have_css("background-color", tile)
