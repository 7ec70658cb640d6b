"""Immediate sign-in in Chromium: first what is on this device, and at the next press phones and security keys."""

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from . import steps
from .chromium import VirtualAuthenticator, until
from .managers import NOT_USED, imitate
from .quiet import settled
from .steps_accounts import remember
from .steps_reauthentication import EXPORT, arrive

pytestmark = [pytest.mark.browser, pytest.mark.extended]

ELSEWHERE = "No passkey was used. If yours is on a phone or a security key, press the button again."
BROWSERS = [
    "browser_without_capabilities",
    "browser_without_immediate",
    "browser_that_does_not_say",
    "browser_whose_capabilities_fail",
    "browser_whose_capabilities_never_settle",
]

# Notes how each get() asks, and how often the browser was asked what it can; the asking is the browser's.
NOTE = """
window.modes = [];
window.learned = 0;
const { get } = CredentialsContainer.prototype;
CredentialsContainer.prototype.get = function (options) {
  window.modes.push(options.mediation ?? options.uiMode ?? "ordinary");
  return get.call(this, options);
};
const { getClientCapabilities } = PublicKeyCredential;
if (getClientCapabilities) PublicKeyCredential.getClientCapabilities = function () {
  window.learned += 1;
  return getClientCapabilities.call(this);
};
"""


@pytest.fixture
def visitor(page: Page, virtual_authenticator: VirtualAuthenticator) -> Page:
    """Open a tab whose authenticator waits to be touched, and which notes how it is asked."""
    virtual_authenticator.set_presence(False)
    page.add_init_script(NOTE)
    return page


def modes(page: Page) -> list[str]:
    """Return how the page has asked for passkeys, autofill left aside."""
    asked: list[str] = page.evaluate("window.modes")
    return [mode for mode in asked if mode != "conditional"]


def open_sign_in(page: Page, authenticator: VirtualAuthenticator) -> None:
    """Open the sign-in form, in a browser that has immediate sign-in."""
    steps.open_sign_in(page, authenticator)
    if not page.evaluate(
        "PublicKeyCredential.getClientCapabilities().then((can) => !!can.immediateGet)"
    ):
        pytest.skip("this Chromium has no immediate sign-in")


def keep_modes(page: Page) -> list[str]:
    """Return a list to which each page adds how it has asked when it is left."""
    kept: list[str] = []
    page.expose_function("keep", lambda asked: kept.extend(asked))
    page.add_init_script("addEventListener('otp-passkeys:authenticated', () => keep(window.modes))")
    return kept


def test_on_this_device(
    visitor: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.14: where the passkey is here, one press signs in, with the requests that it has always made."""
    steps.give_passkey(alice, virtual_authenticator)
    kept = keep_modes(visitor)
    open_sign_in(visitor, virtual_authenticator)
    settled(visitor)
    virtual_authenticator.set_presence(True)
    asked: list[str] = []
    visitor.on("request", lambda one: asked.append(urlsplit(one.url).path))
    steps.press_passkey_button(visitor)
    steps.expect_signed_in(visitor, alice, passkey=True)
    assert kept == ["conditional", "immediate"]
    names = ("authenticate-options", "authenticate")
    assert asked[:2] == [reverse(f"otp_passkeys:{name}") for name in names]


def test_elsewhere(visitor: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """S6.14: where none is here the button says so at once, and its next press asks for all."""
    open_sign_in(visitor, virtual_authenticator)
    steps.press_passkey_button(visitor)
    status = visitor.get_by_role("status")
    expect(status).to_have_text(ELSEWHERE)
    expect(status).to_have_attribute("data-kind", "note")
    assert modes(visitor) == ["immediate"]
    steps.give_passkey(alice, virtual_authenticator)
    kept = keep_modes(visitor)
    visitor.evaluate("addEventListener('otp-passkeys:authenticated', () => keep(window.modes))")
    steps.sign_in_with_passkey(visitor, virtual_authenticator, alice)
    assert [mode for mode in kept if mode != "conditional"] == ["immediate", "ordinary"]


def test_asked_once(visitor: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S6.14: what the browser can is asked when the page opens, and not at a press."""
    steps.open_sign_in(visitor, virtual_authenticator)
    assert visitor.evaluate("window.learned") == 1
    steps.press_passkey_button(visitor)
    until(visitor, lambda: len(modes(visitor)) == 1, what="a request")
    assert visitor.evaluate("window.learned") == 1


def test_event(visitor: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S6.14: a site's script hears what it hears of any request that gave no passkey."""
    open_sign_in(visitor, virtual_authenticator)
    visitor.evaluate(
        "addEventListener('otp-passkeys:failed', ({ detail }) => { window.told = detail; })"
    )
    steps.press_passkey_button(visitor)
    expect(visitor.get_by_text(ELSEWHERE)).to_be_visible()
    assert visitor.evaluate("window.told.name") == "NotAllowedError"


def test_imitated(visitor: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S6.14: the same in any Chromium; what is cancelled at the second press has the words of always."""
    imitate(visitor, "browser_with_immediate")
    virtual_authenticator.set_user_verified(False)
    steps.open_sign_in(visitor, virtual_authenticator)
    steps.press_passkey_button(visitor)
    expect(visitor.get_by_role("status")).to_have_text(ELSEWHERE)
    visitor.evaluate(
        "() => { CredentialsContainer.prototype.get = () => Promise.reject({ name: 'NotAllowedError' }) }"
    )
    steps.press_passkey_button(visitor)
    expect(visitor.get_by_role("status")).to_have_text(NOT_USED)


@pytest.mark.parametrize("browser", BROWSERS)
def test_nothing_changes_elsewhere(
    visitor: Page, virtual_authenticator: VirtualAuthenticator, alice: User, browser: str
) -> None:
    """S6.14: a browser without it, or one that does not say, gets the ordinary request at the first press."""
    steps.give_passkey(alice, virtual_authenticator)
    imitate(visitor, browser)
    steps.open_sign_in(visitor, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(visitor)
    expect(visitor.get_by_role("status")).to_have_text(NOT_USED)
    assert modes(visitor) == ["ordinary"]


def test_not_to_confirm(
    visitor: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.14: where the account is known the request names its passkeys, which may be on a phone."""
    kept = keep_modes(visitor)
    arrive(visitor, alice, virtual_authenticator)
    visitor.goto(EXPORT)
    virtual_authenticator.set_presence(True)
    visitor.get_by_role("button", name="Go").click()
    expect(visitor).to_have_url(EXPORT)
    assert kept == ["ordinary"]


def test_not_for_a_remembered_account(
    visitor: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.14: nor for an account that the browser remembers, whatever passkeys the request names."""
    kept = keep_modes(visitor)
    steps.give_passkey(alice, virtual_authenticator)
    remember(visitor, alice).goto(reverse("otp_passkeys:sign-in"))
    visitor.goto(str(visitor.locator("[data-account]").get_attribute("href")))
    visitor.route("**" + reverse("otp_passkeys:authenticate-options"), steps.allow_any)
    virtual_authenticator.set_presence(True)
    visitor.get_by_role("button", name="Go").click()
    steps.expect_signed_in(visitor, alice, passkey=True)
    assert kept == ["ordinary"]
