"""The panel in each of its states, looked at by axe-core and measured, in light and in dark."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from ..helpers.steps import lose_password
from . import steps
from .accessibility import examine, violations
from .chromium import VirtualAuthenticator, until
from .test_panel import GOOGLE
from .test_panel_add import REFUSE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

REVOKED = "ba86dc56-635f-4141-aef6-00227b1b9af6"  # by its maker, so its row has a warning


@pytest.fixture
def one(alice: User) -> Passkey:
    """Give alice a passkey that is on one device only, which is what she is advised about."""
    made = steps.passkey_from_elsewhere(alice, aaguid=GOOGLE, synced=False)
    return made[0]


def open_panel(page: Page, user: User) -> None:
    """Open the panel of a user who has just signed in, and let its sync end."""
    steps.begin_in_panel(page, user)


def say(page: Page, words: str) -> None:
    """Wait until the panel has said something."""
    expect(page.get_by_role("status")).to_contain_text(words)


def test_empty_and_added(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """Empty; while the browser asks; with the form that names a new passkey, and a bad name in it."""
    open_panel(page, alice)
    examine(page)
    virtual_authenticator.set_presence(False)
    steps.add_passkey(page)
    say(page, "Follow the steps")
    examine(page)
    steps.open_panel(page)
    virtual_authenticator.set_presence(True)
    steps.add_passkey(page)
    say(page, "was added. You can give it a name")
    examine(page)


@pytest.mark.complaint("status of 422")
def test_bad_name(page: Page, alice: User, one: Passkey) -> None:
    """A name that is refused, and one that was saved."""
    open_panel(page, alice)
    steps.rows(page).locator("[data-rename]").click()
    page.get_by_label("Name", exact=True).fill("reversed\u202eman")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("characters that can’t be used")
    examine(page)
    page.get_by_label("Name", exact=True).fill("Desk")
    page.keyboard.press("Enter")
    say(page, "The passkey is now called")
    examine(page)


def test_fifty(page: Page, alice: User, one: Passkey) -> None:
    """Fifty: the longest name, a warning, one switched off, and what the words mean unfolded."""
    stored_passkey(alice, rp_id="localhost", nickname="W" * 64)
    stored_passkey(alice, rp_id="localhost", aaguid=REVOKED)
    stored_passkey(alice, rp_id="localhost", confirmed=False)
    for _ in range(46):
        stored_passkey(alice, rp_id="localhost", aaguid=GOOGLE)
    open_panel(page, alice)
    expect(steps.rows(page)).to_have_count(50)
    expect(page.locator(".otp-passkeys-warning").first).to_be_visible()
    page.locator("summary").click()
    examine(page)


@pytest.mark.complaint("status of 409|ERR_FAILED")
def test_one_with_advice_and_the_question(page: Page, alice: User, one: Passkey) -> None:
    """One with advice; the dialog that warns about the last one; what it says when it fails; none left."""
    open_panel(page, alice)
    expect(page.locator("[data-advice]")).to_be_visible()
    examine(page)
    steps.ask_to_delete(steps.rows(page))
    confirm = page.get_by_role("button", name="Delete passkey", exact=True)
    expect(page.get_by_text("This is your last passkey.")).to_be_visible()
    examine(page)
    page.route("**/delete/", lambda route: route.abort())
    confirm.click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    examine(page)
    page.unroute("**/delete/")
    confirm.click()
    say(page, "was deleted.")
    examine(page)


def test_only_way_in(page: Page, alice: User, one: Passkey) -> None:
    """The dialog that refuses, because nothing else would remain."""
    lose_password(alice)
    open_panel(page, alice)
    steps.ask_to_delete(steps.rows(page))
    expect(page.get_by_role("dialog")).to_contain_text("your only way to sign in")
    expect(page.get_by_role("button", name="Delete passkey", exact=True)).to_have_count(0)
    examine(page)


def test_duplicate(page: Page, alice: User, one: Passkey) -> None:
    """The notice that this device has a passkey already, and the row that it points at."""
    Passkey.objects.update(transports=["internal"])
    open_panel(page, alice)
    page.evaluate(REFUSE, "InvalidStateError")
    steps.add_passkey(page)
    say(page, "You already have a suitable passkey")
    expect(page.locator("[data-highlight]")).to_have_count(1)
    examine(page)


def test_each_message(page: Page, alice: User) -> None:
    """Each refusal of the browser, an unreachable site, and every other text that the panel may say."""
    open_panel(page, alice)
    names = page.locator("otp-passkey-panel > template[data-message]").evaluate_all(
        "(all) => all.map((one) => one.dataset.message)"
    )
    assert len(names) > 20
    status = page.get_by_role("status")
    for number, name in enumerate(names):
        kind = ("error", "note", "success", "busy")[number % 4]
        page.evaluate(
            "([name, kind]) => document.querySelector('otp-passkey-panel').say(name, kind)",
            [name, kind],
        )
        until(page, lambda: status.text_content() != "", what=name)
        assert violations(page, within="[role=status]") == [], name


@pytest.mark.parametrize("name", ["NotAllowedError", "SecurityError"])
def test_refused(page: Page, alice: User, name: str) -> None:
    """What the browser refuses: as a note, and as an error."""
    open_panel(page, alice)
    page.evaluate(REFUSE, name)
    steps.add_passkey(page)
    expect(page.get_by_role("status")).not_to_be_empty()
    examine(page)


@pytest.mark.parametrize("secure", [True, False])
def test_without_webauthn(page: Page, alice: User, one: Passkey, secure: bool) -> None:
    """A browser that can add none, and an address where none can."""
    page.add_init_script(
        "delete window.PublicKeyCredential; Object.defineProperty(window, 'isSecureContext',"
        f" {{value: {str(secure).lower()}}})"
    )
    open_panel(page, alice)
    expect(page.get_by_role("status")).not_to_be_empty()
    examine(page)


@pytest.mark.complaint("status of (404|409|422)")
def test_pages_of_one(page: Page, alice: User, one: Passkey) -> None:
    """The pages that do without script: rename, with a bad name, delete, delete refused, not found."""
    steps.bring_session(page, alice).goto(reverse("otp_passkeys:rename", args=[one.pk]))
    examine(page)
    page.get_by_label("Name", exact=True).fill("reversed\u202eman")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    examine(page)
    page.goto(reverse("otp_passkeys:delete", args=[one.pk]))
    examine(page)
    page.goto(reverse("otp_passkeys:delete", args=[one.pk + 1]))
    expect(page.get_by_role("heading", name="This passkey is already gone")).to_be_visible()
    examine(page)
    page.goto(reverse("otp_passkeys:delete", args=[one.pk]))
    lose_password(alice)
    steps.bring_session(page, alice)
    page.get_by_role("button", name="Delete passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is your only way to sign in")
    examine(page)
