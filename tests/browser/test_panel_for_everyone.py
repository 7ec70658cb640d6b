"""The panel for everyone: narrow windows, long lists, right to left, browsers without passkeys."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from . import steps
from .chromium import VirtualAuthenticator
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# The controls that are seen, by what is smaller than 44 px; text inside a sentence is exempt, and there is none.
SMALL = """() => [...document.querySelectorAll(
    "otp-passkey-panel :is(a, button, input, summary)")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([html]) => html)"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNNAMED = """() => [...document.querySelectorAll("otp-passkey-panel [data-id] > .otp-passkeys-actions > *")]
  .filter((one) => !one.ariaLabel.includes(one.closest("[data-id]").dataset.name)).length"""

COVERED = """() => Math.max(0, Math.round(
  document.querySelector("[role=status]").getBoundingClientRect().bottom
  - document.activeElement.getBoundingClientRect().top))"""


@pytest.fixture
def one(alice: User) -> Passkey:
    """Give alice a passkey that is on one device only."""
    return steps.passkey_from_elsewhere(alice, aaguid=GOOGLE, synced=False)[0]


@pytest.fixture
def many(one: Passkey, alice: User) -> list[Passkey]:
    """Give alice 49 more, one of them with the longest name."""
    stored_passkey(alice, rp_id="localhost", nickname="W" * 64)
    return [one, *(stored_passkey(alice, rp_id="localhost", aaguid=GOOGLE) for _ in range(48))]


@pytest.fixture
def panel(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> Page:
    """Sign alice in with her password and open her panel, once the passkeys are made."""
    return page


def open_panel(page: Page, user: User, passkey: Passkey) -> None:
    """Sign a user in, who has this passkey, and open the panel."""
    steps.begin_in_panel(page, user)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 1280])
def test_fits(
    panel: Page, one: Passkey, many: list[Passkey], alice: User, width: int, direction: str
) -> None:
    """At 320 px, which is 1280 px at 400 %, nothing is cut off; each control is 44 px (WCAG 1.4.10, 2.5.8)."""
    panel.set_viewport_size({"width": width, "height": 700})
    open_panel(panel, alice, one)
    panel.evaluate("(it) => { document.documentElement.dir = it }", direction)
    expect(steps.rows(panel)).to_have_count(50)
    assert panel.evaluate(OVERFLOW) == 0
    assert panel.evaluate(SMALL) == []
    assert panel.evaluate(UNNAMED) == 0
    steps.rows(panel).nth(1).locator("[data-rename]").click()
    assert panel.evaluate(OVERFLOW) == 0
    assert panel.evaluate(SMALL) == []
    steps.ask_to_delete(steps.rows(panel).nth(1))
    expect(panel.get_by_role("dialog")).to_be_visible()
    assert panel.evaluate(OVERFLOW) == 0
    assert panel.evaluate(SMALL) == []


def test_news_of_a_long_list(panel: Page, one: Passkey, many: list[Passkey], alice: User) -> None:
    """Far down a long list the news are in sight, and cover neither the focus nor its row (WCAG 2.4.11)."""
    panel.set_viewport_size({"width": 320, "height": 700})
    open_panel(panel, alice, one)
    steps.delete(steps.rows(panel).nth(30))
    status = panel.get_by_role("status")
    expect(status).to_contain_text("was deleted.")
    expect(status).to_be_in_viewport(ratio=1)
    row = panel.locator(":focus")
    expect(row).to_have_attribute(
        "data-id", panel.locator("[data-id]").nth(30).get_attribute("data-id") or ""
    )
    expect(row).to_be_in_viewport(ratio=0.9)
    for _ in range(12):  # upwards, where the rows come from under the news
        panel.keyboard.press("Shift+Tab")
        assert panel.evaluate(COVERED) == 0


@pytest.mark.parametrize(
    ("secure", "words"),
    [(True, "This browser can’t add passkeys."), (False, "over a secure connection")],
)
def test_without_webauthn(page: Page, one: Passkey, alice: User, secure: bool, words: str) -> None:
    """Where none can be added the page says why, and lists, renames and deletes all the same (S1.1)."""
    value = str(secure).lower()
    page.add_init_script(
        "delete window.PublicKeyCredential;"
        f"Object.defineProperty(window, 'isSecureContext', {{value: {value}}})"
    )
    open_panel(page, alice, one)
    expect(page.get_by_role("status")).to_contain_text(words)
    expect(page.get_by_role("button", name="Add a passkey")).to_be_disabled()
    steps.rename(steps.rows(page), "Still works")
    expect(steps.rows(page)).to_contain_text("Still works")
    steps.delete(steps.rows(page))
    expect(steps.rows(page)).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("delete it where it is saved as well.")
    expect(page.locator("otp-passkey-panel")).to_be_focused()


def test_advice_is_put_away(panel: Page, one: Passkey, alice: User) -> None:
    """Advice stays away once it is hidden, also after a refresh; only a time is kept."""
    open_panel(panel, alice, one)
    advice = panel.locator("[data-advice]")
    expect(advice).to_contain_text("Your only passkey is on one device")
    panel.get_by_role("button", name="Hide this advice").click()
    expect(advice).to_be_hidden()
    expect(panel.get_by_role("button", name="Add a passkey")).to_be_focused()
    panel.get_by_role("button", name="Refresh the list").click()
    expect(panel.get_by_text("The list is up to date.")).to_be_visible()
    expect(advice).to_be_hidden()
    kept = panel.evaluate("Object.entries(localStorage).filter(([key]) => key.includes('advice'))")
    [(key, value)] = kept
    assert key == "otp-passkeys-advice-only_one_device"
    assert value.isdecimal()
    panel.evaluate("(key) => { localStorage[key] -= 91 * 864e5 }", key)
    steps.open_panel(panel)
    expect(advice).to_be_visible()


def test_restored_page_reads_the_list(panel: Page, one: Passkey, alice: User) -> None:
    """A page that the back button brings back reads the list by itself (S2.4)."""
    open_panel(panel, alice, one)
    expect(steps.rows(panel)).to_have_count(1)
    stored_passkey(alice, rp_id="localhost")
    # Chromium keeps no page while it is watched, so the event is made.
    panel.evaluate(
        "void window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
    )
    expect(steps.rows(panel)).to_have_count(2)


def test_reduced_motion(panel: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """Nothing turns for those who asked for less motion."""
    turns = "getComputedStyle(document.querySelector('[role=status]'), '::before').animationName"
    virtual_authenticator.set_presence(False)
    steps.bring_session(panel, User.objects.get())
    steps.open_panel(panel)
    steps.add_passkey(panel)
    expect(panel.get_by_role("status")).to_contain_text("Follow the steps")
    panel.emulate_media(reduced_motion="no-preference")
    assert "otp-passkeys-turn" in panel.evaluate(turns)
    panel.emulate_media(reduced_motion="reduce")
    assert panel.evaluate(turns) == "none"
