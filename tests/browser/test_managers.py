"""Password managers that take the browser's place, and answer in ways of their own: the passkey is not lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import AS_THE_BROWSER, VirtualAuthenticator
from .firefox import Firefox
from .quiet import settled
from .test_offer import offer

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).with_name("managers.js")

CANCELLED = [
    "manager_that_answers_null",
    "manager_that_answers_undefined",
    "manager_that_aborts",
]
UNKNOWN = [
    "manager_that_answers_text",
    "manager_that_answers_an_empty_object",
    "manager_that_rejects_with_undefined",
    "manager_that_rejects_with_null",
    "manager_that_rejects_with_text",
    "manager_that_rejects_with_a_name",
    "manager_that_rejects_with_what_cannot_be_read",
]
# By turns, so that each text replaces another one.
BAD_ANSWERS = [
    (name, cancelled)
    for number, unknown in enumerate(UNKNOWN)
    for name, cancelled in [(CANCELLED[number % len(CANCELLED)], True), (unknown, False)]
]
GENERAL = "Something went wrong. You can try again or sign in another way."


def script(request: HttpRequest) -> HttpResponse:
    """Serve the managers, for a browser that has no init scripts."""
    return HttpResponse(SCRIPT.read_text(), content_type="text/javascript")


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the script to the example site."""
    settings.ROOT_URLCONF = (path("managers.js", script), path("", include("example.urls")))


@pytest.fixture
def managed(page: Page, virtual_authenticator: VirtualAuthenticator) -> Page:
    """Return a tab with an authenticator, in whose pages any of the managers can be put before it."""
    page.add_init_script(path=SCRIPT)
    return page


def become(page: Page, name: str) -> None:
    """Put a manager into the page."""
    page.evaluate("(name) => managers.become(name)", name)


def plug_in(firefox: Firefox) -> None:
    """Put the managers' script into the page that Firefox shows."""
    firefox.run(
        "document.head.append(Object.assign(document.createElement('script'), {src: '/managers.js'}))"
    )
    firefox.until(lambda: bool(firefox.run("return 'managers' in window")), what="the managers")


def test_shapes(managed: Page) -> None:
    """S6.3: what each of them returns is read as what the browser itself returned."""
    managed.goto(steps.any_account() + "&next=/")
    result = managed.evaluate("managers.unread('localhost')")
    assert result["found"] == []
    assert result["tried"] == 20


@pytest.mark.firefox
def test_shapes_in_firefox(firefox: Firefox) -> None:
    """S6.3: the same, with Firefox's own objects."""
    firefox.add_authenticator()
    firefox.go(steps.any_account())
    plug_in(firefox)
    asked = (
        "const [done] = arguments; managers.unread('localhost').then(done, (e) => done(String(e)))"
    )
    result = firefox.send("WebDriver:ExecuteAsyncScript", script=asked, args=[])
    assert result == {"tried": 20, "found": []}


@pytest.mark.parametrize(
    "manager",
    ["manager_without_to_json", "realm_of_a_frame", "manager_that_pads", "manager_without_raw_id"],
)
def test_add_and_sign_in(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User, manager: str
) -> None:
    """S6.3: a passkey that such a manager saves is saved here too, and signs in."""
    steps.bring_session(managed, alice)
    steps.open_panel(managed)
    become(managed, manager)
    with steps.syncing(managed):
        steps.add_passkey(managed)
        expect(steps.rows(managed)).to_have_count(1)
    assert virtual_authenticator.ids() == {Passkey.objects.get().id_base64url}
    settled(managed)
    managed.context.clear_cookies()
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(managed, virtual_authenticator)
    become(managed, manager)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(managed)
    steps.expect_signed_in(managed, alice, passkey=True)


def test_bad_answers_to_the_panel(managed: Page, alice: User) -> None:
    """S6.4: cancelled is cancelled, all else has the general text, and the button lives."""
    steps.bring_session(managed, alice)
    steps.open_panel(managed)
    status = managed.get_by_role("status")
    for manager, cancelled in BAD_ANSWERS:
        become(managed, manager)
        steps.add_passkey(managed)
        words = "No passkey was created. The request was cancelled or timed out. You can try again."
        expect(status).to_have_text(words if cancelled else GENERAL)
        expect(status).to_have_attribute("data-kind", "note" if cancelled else "error")
        expect(managed.locator("[aria-busy]")).to_have_count(0)
    become(managed, "")
    steps.add_passkey(managed)
    expect(steps.rows(managed)).to_have_count(1)


def test_bad_answers_to_the_button(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User, live_server: Any
) -> None:
    """S6.4: the same of signing in."""
    _, credential = steps.passkey_from_elsewhere(alice, origin=live_server.url, synced=False)
    virtual_authenticator.hold(credential)
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(managed, virtual_authenticator)
    status = managed.get_by_role("status")
    become(managed, CANCELLED[0])
    steps.press_passkey_button(managed)  # the immediate request, if the browser has one
    expect(status).to_contain_text("No passkey was used.")
    for manager, cancelled in BAD_ANSWERS:
        become(managed, manager)
        steps.press_passkey_button(managed)
        words = "No passkey was used. Try again or choose another way."
        expect(status).to_have_text(words if cancelled else GENERAL)
        expect(status).to_have_attribute("data-kind", "note" if cancelled else "error")
    become(managed, "")
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(managed)
    steps.expect_signed_in(managed, alice, passkey=True)


@pytest.mark.firefox
def test_bad_answers_in_firefox(firefox: Firefox, alice: User) -> None:
    """S6.4: the same of signing in, with Firefox."""
    firefox.go(steps.any_account())
    plug_in(firefox)
    for manager, cancelled in BAD_ANSWERS:
        firefox.run("managers.become(arguments[0])", manager)
        firefox.click("[data-ready] button")
        words = "No passkey was used." if cancelled else "Something went wrong."
        firefox.until(lambda words=words: words in firefox.text(), what=words)  # type: ignore[misc]


@pytest.mark.parametrize("manager", [CANCELLED[0], UNKNOWN[2], UNKNOWN[4]])
def test_bad_answers_to_the_upgrade(page: Page, alice: User, manager: str) -> None:
    """S6.4: where a manager lies about its source and adds one unasked, such an answer is silent; one is offered."""
    page.add_init_script(path=SCRIPT)
    page.add_init_script(
        AS_THE_BROWSER + f"managers.become('{manager}');"
        "const { create: answer } = CredentialsContainer.prototype;"
        "CredentialsContainer.prototype.create = function create({ mediation, ...rest }) {"
        "  return answer(rest); }"
    )
    steps.bring_session(page, alice)
    with page.expect_response("**" + reverse("otp_passkeys:register-options")):
        page.goto("/")
    expect(offer(page)).to_be_visible()
    assert not Passkey.objects.exists()
