"""The offer of a first passkey in Chromium, which refuses by itself to add one unasked where none can be kept."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from otp_passkeys.offers import NOTE

from . import steps
from .chromium import VirtualAuthenticator, until
from .firefox import Firefox
from .held import Held
from .managers import sign_in_by_password
from .patience import SOON
from .quiet import settled, unlocked
from .steps_reauthentication import let_time_pass

pytestmark = pytest.mark.browser

DAY = 24 * 60 * 60 * 1000


class SecurityKey(VirtualAuthenticator):
    """An authenticator that is not part of the device."""

    def _add(self) -> str:
        options = {
            "protocol": "ctap2",
            "transport": "usb",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        answer = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(answer["authenticatorId"])


@pytest.fixture
def soon(page: Page) -> None:
    """Let the offer wait a hundredth of the two seconds in which a browser may add a passkey by itself."""
    page.add_init_script(SOON)


def offer(page: Page) -> Locator:
    """Find what is offered."""
    return page.get_by_role("heading", name="Sign in faster next time")


def quiet_for(page: Page) -> float:
    """Return for how many days nothing is offered any more."""
    left: float = page.evaluate("localStorage['otp-passkeys-offer'] - Date.now()")
    return left / DAY


def expect_nothing_offered(page: Page) -> None:
    """Expect that no offer is shown, once the page is done with what it asks before."""
    settled(page)
    unlocked(page)
    settled(page)
    expect(offer(page)).to_be_hidden()


def again(page: Page, user: User) -> None:
    """Open the home page after another sign-in, a minute later, in a browser that has forgotten who was there."""
    page.context.clear_cookies()
    steps.bring_session(page, user)
    session = SessionStore(steps.session_key(page))
    session[NOTE] = {**session[NOTE], "time": session[NOTE]["time"] + 60}
    session.save()
    page.goto("/")


def test_dismiss(page: Page, alice: User) -> None:
    """S3.5: offered after a password sign-in, until alice says no: not on the next page, not after the next sign-in.

    What the browser refuses before leaves nothing in the console.
    """
    steps.sign_in_with_password(page, alice)
    expect(offer(page)).to_be_visible()
    page.goto(reverse("settings"))
    expect(offer(page)).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    expect(offer(page)).to_be_hidden()
    assert quiet_for(page) == pytest.approx(30, abs=0.1)
    page.goto("/")
    expect_nothing_offered(page)
    again(page, alice)
    expect_nothing_offered(page)


def test_dismiss_for_longer(page: Page, alice: User) -> None:
    """S3.5: after a month it is offered once more, and then not for half a year."""
    steps.bring_session(page, alice).goto("/")
    page.get_by_role("button", name="Not now").click()
    page.evaluate("localStorage['otp-passkeys-offer'] = Date.now() - 1")
    again(page, alice)
    page.get_by_role("button", name="Not now").press("Enter")
    expect(offer(page)).to_be_hidden()
    assert quiet_for(page) == pytest.approx(180, abs=0.1)


@pytest.mark.usefixtures("soon")
def test_one_press(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """S3.5: one press of a key leads from the offer to the passkey; who has it is not asked again.

    This browser hangs when it is to add one by itself, until the press tells it to stop.
    """
    steps.bring_session(page, alice).goto("/")
    page.get_by_role("button", name="Set up a passkey").press("Enter")
    expect(
        page.get_by_role("status").filter(has_text="A passkey was added to your account.")
    ).to_be_visible()
    expect(offer(page)).to_be_hidden()
    expect(page.get_by_role("link", name="Your passkeys").last).to_be_focused()
    until(page, lambda: len(virtual_authenticator.ids()) == 1, what="a passkey")
    assert {one.id_base64url for one in alice.passkeys.all()} == virtual_authenticator.ids()
    page.get_by_role("link", name="Your passkeys").last.click()
    expect(steps.rows(page)).to_have_count(1)
    page.goto("/")
    expect(page.locator("otp-passkey-offer")).to_have_count(0)


@pytest.mark.usefixtures("soon")
def test_cancelled(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """S3.5: a press shows that it was heard; users who cancel the browser's dialog read so, and can try again."""
    virtual_authenticator.set_user_verified(False)
    steps.bring_session(page, alice).goto("/")
    button = page.get_by_role("button", name="Set up a passkey")
    held = Held(page, re.compile("/register/options/$"), "POST")
    button.click()
    held.arrived()
    expect(page.get_by_text("Follow the steps that your browser shows.")).to_be_visible()
    expect(button).to_have_attribute("aria-busy", "true")
    held.end()
    expect(
        page.get_by_text("No passkey was set up. You can try again, now or later.")
    ).to_be_visible()
    expect(button).not_to_have_attribute("aria-busy", "true")
    virtual_authenticator.set_user_verified(True)
    button.click()
    expect(page.get_by_text("A passkey was added to your account.")).to_be_visible()


@pytest.mark.usefixtures("virtual_authenticator", "soon")
@pytest.mark.complaint("status of 403")
def test_panel_settles_the_rest(page: Page, alice: User) -> None:
    """S4.9: where alice must confirm who she is first, the press leads to the panel's own button."""
    steps.bring_session(page, alice).goto("/")
    button = page.get_by_role("button", name="Set up a passkey")
    expect(button).to_be_visible()
    let_time_pass(page)
    button.click()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (320, 640)])
@pytest.mark.parametrize("address", ["home", "settings"])
def test_lies_at_the_edge(page: Page, alice: User, width: int, height: int, address: str) -> None:
    """S3.5: on a short page and on a long one it lies at the lower edge, as wide as the page's column."""
    page.set_viewport_size({"width": width, "height": height})
    steps.bring_session(page, alice).goto(reverse(address))
    expect(offer(page)).to_be_visible()
    card = page.locator("otp-passkey-offer").bounding_box()
    heading = page.get_by_role("heading", level=1).bounding_box()
    assert card
    assert heading
    assert card["y"] + card["height"] == height
    assert card["x"] == heading["x"]
    assert card["width"] == page.locator("main").evaluate(
        "(main) => main.clientWidth - 2 * parseFloat(getComputedStyle(main).paddingLeft)"
    )
    page.keyboard.press("End")
    covered = """document.querySelector("otp-passkey-offer").getBoundingClientRect().top
        - [...document.querySelectorAll("main *")].at(-1).getBoundingClientRect().bottom"""
    until(page, lambda: page.evaluate(covered) >= 0, what="the end of the page, in sight")


def test_panel_without_the_offer_keeps_the_focus(page: Page, alice: User) -> None:
    """S1.2: the panel takes no focus from somebody who did not come for the button."""
    steps.open_panel(steps.bring_session(page, alice))
    expect(page.get_by_role("button", name="Add a passkey")).to_be_enabled()
    assert page.evaluate("document.activeElement.localName") == "body"


def arrive_with_passkey(page: Page, authenticator: VirtualAuthenticator, user: User) -> None:
    """Sign in with a passkey that an authenticator in the tab holds."""
    steps.give_passkey(user, authenticator)
    authenticator.set_presence(False)  # or autofill would sign in by itself
    page.goto(steps.any_account())
    settled(page)
    authenticator.set_presence(True)
    steps.press_passkey_button(page)
    if isinstance(authenticator, SecurityKey):
        # With immediate sign-in the first press is for what is on the device.
        asks_again = page.get_by_text("If yours is on a phone or a security key, press the button")
        expect(asks_again.or_(page.get_by_text("You are signed in as"))).to_be_visible()
        if asks_again.is_visible():
            steps.press_passkey_button(page)
    steps.expect_signed_in(page, user, passkey=True)


@pytest.mark.usefixtures("soon")
def test_after_a_passkey_of_another_device(page: Page, alice: User) -> None:
    """S3.5: a sign-in with a key or phone is followed by the offer to add one here; nothing is added unasked."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    arrive_with_passkey(page, SecurityKey(page), alice)
    expect(offer(page)).to_be_visible()
    settled(page)
    assert not [url for url in asked if reverse("otp_passkeys:register-options") in url]


@pytest.mark.usefixtures("soon")
def test_not_after_the_duplicate_error(page: Page, alice: User) -> None:
    """S3.3, S3.5: who was told that this device has one already is never offered one there again."""
    arrive_with_passkey(page, SecurityKey(page), alice)
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_text("This device already has a passkey for your account.")).to_be_visible()
    expect(page.get_by_role("button", name="Set up a passkey")).to_be_hidden()
    page.goto("/")
    expect(page.locator("otp-passkey-offer")).to_have_count(1)
    expect_nothing_offered(page)
    assert quiet_for(page) > 10_000


def test_not_after_a_passkey_of_this_device(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S3.5: a sign-in with a passkey that is here is followed by nothing."""
    arrive_with_passkey(page, virtual_authenticator, alice)
    expect(page.locator("otp-passkey-offer")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (320, 640)])
def test_covers_no_focus(page: Page, alice: User, width: int, height: int) -> None:
    """S3.5: who walks the page by keyboard sees where they are, the offer at the lower edge notwithstanding."""
    page.set_viewport_size({"width": width, "height": height})
    steps.bring_session(page, alice).goto(reverse("profile"))
    expect(offer(page)).to_be_visible()
    page.get_by_label("Username").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        focused = page.locator(":focus").bounding_box()
        card = page.locator("otp-passkey-offer").bounding_box()
        assert focused
        assert card
        assert focused["y"] + focused["height"] <= card["y"]
    assert page.locator(":focus").inner_text() == "Save"


def test_keeps_times_only(page: Page, alice: User) -> None:
    """S0.15: what the browser keeps says nothing about alice."""
    steps.begin_visit(page, alice)
    page.get_by_role("button", name="Not now").click()
    stored = page.evaluate("({...localStorage, ...sessionStorage})")
    assert set(stored) == {"otp-passkeys", "otp-passkeys-offer", "otp-passkeys-upgrade"}
    assert all(value.isdigit() for value in stored.values())


@pytest.mark.extended
@pytest.mark.firefox
def test_in_firefox(firefox: Firefox, alice: User) -> None:
    """S3.5: a browser that adds no passkey by itself offers one, and keeps quiet after a no."""
    firefox.go(reverse("otp_passkeys:sign-in"))
    sign_in_by_password(firefox)
    shown = "otp-passkey-offer:not([hidden])"
    firefox.until(lambda: firefox.count(shown) == 1, what="the offer")
    firefox.go(reverse("settings"))
    firefox.until(lambda: firefox.count(shown) == 1, what="the offer")
    firefox.click("[data-later]")
    firefox.go("/")
    firefox.until(lambda: firefox.count("otp-passkey-offer[hidden]") == 1, what="a quiet page")
    assert firefox.count(shown) == 0
