"""The panel in a page that htmx or Turbo swaps, with the lines of the documentation."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.docs import code_block
from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled
from .test_sync_swaps import SCRIPTS

pytestmark = [pytest.mark.browser, pytest.mark.extended]
HTMX = ["htmx 2", "htmx 4"]
PAGE = "how-to/htmx"
SHELL = (
    '{% load static %}<!doctype html><html lang="en"><head><title>Shell</title>'
    + code_block(PAGE, "html+django", "htmx-config")
    + '<script src="{% static script %}" defer></script></head><body>'
    + code_block(PAGE, "html+django", "passkey_assets")
    + code_block(PAGE, "html+django", "[data-list]")
    + "{% for passkey in passkeys %}"
    + code_block(PAGE, "html+django", "otp_passkeys:rename")
    + code_block(PAGE, "html+django", "otp_passkeys:delete")
    + '{% endfor %}<a href="{% url "otp_passkeys:list" %}">Go there</a></body></html>'
)
BUTTONS = ["Passkeys", "Read it again", "Set the name", "Remove it"]


def shell(request: HttpRequest) -> HttpResponse:
    """Show the page that stays."""
    context = {
        "script": SCRIPTS[request.COOKIES["script"]],
        "passkeys": Passkey.objects.for_user(request.user),
    }
    return HttpResponse(engines["django"].from_string(SHELL).render(context, request))


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the page to the example site, under its policy, with the scripts of the packages that ship them."""
    folders = [
        Path(str(find_spec(name).origin)).parent / "static" for name in ("django_htmx", "turbo")
    ]
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, *folders]
    site = path("", include(django_settings.ROOT_URLCONF))
    settings.ROOT_URLCONF = (path("shell/", shell), site)


@pytest.fixture
def passkey(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> Passkey:
    """Sign alice in, who has a passkey in this browser."""
    made, credential = steps.passkey_from_elsewhere(alice, synced=False)
    steps.bring_session(page, alice)
    virtual_authenticator.hold(credential)
    return made


def open_shell(page: Page, script: str) -> None:
    """Open the page that stays, with one of the scripts, and mark its document."""
    page.context.add_cookies(
        [{"name": "script", "value": script, "domain": "localhost", "path": "/"}]
    )
    page.goto("/shell/")
    page.wait_for_function("window.htmx || window.Turbo")
    page.evaluate("window.same = true")


def press(page: Page, name: str) -> None:
    """Press a button of the page that stays."""
    page.get_by_role("button", name=name, exact=True).click()


def show_panel(page: Page) -> None:
    """Fetch the panel, and wait until it is there."""
    press(page, "Passkeys")
    expect(page.locator("otp-passkey-panel")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_enabled()


@pytest.mark.parametrize("script", HTMX)
def test_panel_wakes_up(page: Page, passkey: Passkey, script: str) -> None:
    """A panel that htmx inserts works by itself, and so does a list that it replaces (S4)."""
    open_shell(page, script)
    show_panel(page)
    advice = page.locator("[data-advice]")
    expect(advice).to_be_visible()
    with page.expect_response("**/settings/passkeys/"):
        press(page, "Read it again")
    expect(page.get_by_role("button", name="Rename Unknown")).to_be_visible()
    expect(advice).to_be_visible()
    steps.rename(steps.rows(page), "Desk")
    expect(steps.rows(page)).to_contain_text("Desk")
    advice.get_by_role("button").click()
    expect(advice).to_have_count(0)
    assert page.evaluate("window.same")


@pytest.mark.parametrize("script", HTMX)
def test_panel_adds(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, script: str
) -> None:
    """A passkey is added in a panel that htmx inserts (S4)."""
    steps.bring_session(page, alice)
    open_shell(page, script)
    show_panel(page)
    steps.add_passkey(page)
    expect(steps.rows(page)).to_have_count(1)
    assert virtual_authenticator.ids() == {alice.passkeys.get().id_base64url}


@pytest.mark.parametrize("script", HTMX)
@pytest.mark.complaint("422")
@pytest.mark.usefixtures("passkey")
def test_own_forms(page: Page, virtual_authenticator: VirtualAuthenticator, script: str) -> None:
    """A form of the site's renames in the row, is refused, and deletes, and the panel goes on working (S4)."""
    open_shell(page, script)
    show_panel(page)
    row = steps.rows(page)
    for name, shown in [("Desk", "Desk"), ("x\u202ey", "Desk"), ("Bag", "Bag")]:
        page.get_by_label("New name").fill(name)
        with page.expect_response("**/rename/"):
            press(page, "Set the name")
        expect(row).to_contain_text(shown)
        expect(row).to_have_count(1)
    expect(page.get_by_role("button", name="Rename Bag")).to_be_visible()
    steps.rename(row, "Case")
    expect(row).to_contain_text("Case")
    press(page, "Remove it")
    expect(page.get_by_text("No passkeys yet")).to_be_visible()
    virtual_authenticator.until(lambda held: held == [], what="the browser to be asked")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_enabled()
    assert page.evaluate("window.same")


@pytest.mark.parametrize("button", BUTTONS)
@pytest.mark.parametrize("script", HTMX)
@pytest.mark.complaint("status of 401")
def test_signed_out_meanwhile(page: Page, passkey: Passkey, script: str, button: str) -> None:
    """Signed out in another tab, the browser goes to the sign-in page as a whole (S1.12).

    htmx followed a redirect, and the fragment was a sign-in page, or nothing.
    """
    open_shell(page, script)
    show_panel(page)
    expect(steps.rows(page)).to_have_count(1)
    other = page.context.new_page()
    other.goto("/")
    settled(other)
    steps.sign_out(other)
    press(page, button)
    page.wait_for_url("**/settings/passkeys/sign-in/?next=/shell/")
    expect(page.get_by_role("heading", name="Shell")).to_have_count(0)
    assert not page.evaluate("window.same")
    assert Passkey.objects.filter(pk=passkey.pk, nickname="").exists()


@pytest.mark.parametrize("script", HTMX)
@pytest.mark.complaint("status of 403")
def test_proof_is_asked_for(page: Page, passkey: Passkey, script: str) -> None:
    """Where a proof is needed, the browser goes to the page that asks as a whole (S1.15)."""
    open_shell(page, script)
    show_panel(page)
    steps.verify(page, None)
    press(page, "Remove it")
    page.wait_for_url("**/settings/passkeys/reauthenticate/second-factor/?next=%2Fshell%2F")
    assert not page.evaluate("window.same")


@pytest.mark.complaint(r"turbo\.min\.js|style-src-(attr|elem) blocked inline")
def test_turbo(page: Page, passkey: Passkey, virtual_authenticator: VirtualAuthenticator) -> None:
    """The panel's page that Turbo Drive brings in renames, deletes, syncs and adds (S4)."""
    # The style of its progress bar is refused by the site's policy; it is nothing of ours.
    open_shell(page, "Turbo Drive")
    page.get_by_role("link", name="Go there").click()
    steps.rename(steps.rows(page), "Desk")
    expect(steps.rows(page)).to_contain_text("Desk")
    steps.delete(steps.rows(page))
    virtual_authenticator.until(lambda held: held == [], what="the browser to be asked")
    steps.add_passkey(page)
    expect(steps.rows(page)).to_have_count(1)
    assert page.evaluate("window.same")
