"""The admin's pages of passkeys, as staff see them: nothing is wider than the window, and the warnings are there."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.steps import lose_password
from . import steps
from .accessibility import OVERFLOW, resized, violations
from .chromium import Complaints
from .test_large_text import STYLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

LIST = "admin:otp_passkeys_passkey_changelist"
# What scrolls sideways in itself.
SCROLLS = """(within) => [...document.querySelectorAll(`${within}, ${within} *`)]
  .filter((one) => !one.matches(".otp-passkeys-cut") && getComputedStyle(one).overflowX === "auto"
    && one.scrollWidth > one.clientWidth)
  .map((one) => `${one.scrollWidth} px in ${one.clientWidth}: ${one.outerHTML.slice(0, 80)}`)"""


@pytest.fixture
def root(db: None) -> User:
    """Make the administrator, who has a password."""
    return User.objects.create_superuser("root", "root@example.com", "secret")


@pytest.fixture
def office(page: Page, root: User) -> Page:
    """Return a tab in which the administrator is signed in, in a window of 1280 px."""
    page.set_viewport_size({"width": 1280, "height": 900})
    return steps.bring_session(page, root, in_step=True)


@pytest.fixture
def longest(db: None) -> Passkey:
    """Return a passkey of the widest names that there are."""
    owner = User.objects.create_user("W" * 150, password="secret")
    stored_passkey(owner, rp_id="localhost", nickname="m" * 64, aaguid=ONE_PASSWORD)
    return stored_passkey(owner, rp_id="old.example", nickname="W" * 64, aaguid=ONE_PASSWORD)


def page_of(passkey: Passkey, name: str) -> str:
    """Return the address of one of the pages of a passkey."""
    return reverse(f"admin:otp_passkeys_passkey_{name}", args=[passkey.pk])


def test_list_fits(office: Page, longest: Passkey) -> None:
    """The list fits 1280 px, beside menu and filters, with the longest names; they are whole in a title."""
    office.goto(reverse(LIST))
    columns = office.locator("#result_list").get_by_role("columnheader")
    expect(columns).to_have_count(6)  # and the boxes
    expect(columns.last).to_be_in_viewport(ratio=1)
    assert office.evaluate(OVERFLOW) == []
    assert office.evaluate(SCROLLS, "#changelist") == []
    name = office.get_by_title("W" * 64, exact=True)
    assert name.evaluate("(it) => it.clientWidth < it.scrollWidth")
    expect(office.get_by_title("W" * 150, exact=True).first).to_be_visible()


@pytest.mark.parametrize("name", ["change", "delete", "history"])
def test_pages_of_the_longest_names(office: Page, longest: Passkey, name: str) -> None:
    """The pages break the longest names, and are no wider than a window of 1280 px or of 320."""
    office.goto(page_of(longest, name))
    assert office.evaluate(OVERFLOW) == []
    with resized(office, 320, 700):
        assert office.evaluate(OVERFLOW) == []


def test_selected_fits(office: Page, longest: Passkey) -> None:
    """So does the page that deletes several."""
    office.goto(reverse(LIST))
    office.get_by_role("checkbox").first.check()
    office.get_by_label("Action:").select_option("delete_selected")
    office.locator("button[name=index]").click()
    expect(office.get_by_role("button", name="Yes, I’m sure")).to_be_visible()
    with resized(office, 320, 700):
        assert office.evaluate(OVERFLOW) == []


def test_only_way_in(office: Page, alice: User) -> None:
    """P8: before the only way in goes staff read whose it is, and then it goes."""
    lose_password(alice)
    passkey = stored_passkey(alice, rp_id="localhost", nickname="Blue")
    office.goto(page_of(passkey, "change"))
    office.get_by_label("Switched on").uncheck()
    office.get_by_role("button", name="Save", exact=True).click()
    expect(office.get_by_text("This is the only way in for its owner.")).to_be_visible()
    office.goto(page_of(passkey, "change"))
    office.locator(".deletelink").click()  # a link, which Django 6.1 calls a button
    expect(office.get_by_text("“Blue” is the only way in for alice.")).to_be_visible()
    office.get_by_role("button", name="Yes, I’m sure").click()
    expect(office.get_by_role("heading", name="Select passkey to change")).to_be_visible()
    assert not Passkey.objects.exists()


def test_switching(office: Page, alice: User) -> None:
    """P14: the actions of the list switch off and on, and say so."""
    stored_passkey(alice, rp_id="localhost")
    office.goto(reverse(LIST))
    for action, message in (
        ("off", "Passkeys switched off: 1."),
        ("on", "Passkeys switched on: 1."),
    ):
        office.get_by_role("checkbox").first.check()
        office.get_by_label("Action:").select_option(f"switch_{action}")
        office.locator("button[name=index]").click()
        expect(office.get_by_text(message)).to_be_visible()
        expect(office.get_by_role("cell", name=f"Switched {action}")).to_be_visible()


def test_user_tools(office: Page) -> None:
    """A member of the staff finds their own passkeys beside "Change password"."""
    office.goto(reverse("admin:index"))
    tools = office.locator("#user-tools")
    expect(tools.get_by_role("link", name="Change password")).to_be_visible()
    tools.get_by_role("link", name="Passkeys").click()
    expect(office.get_by_role("heading", name="Passkeys", exact=True)).to_be_visible()
    assert office.url.endswith(reverse("otp_passkeys:list"))


def test_page_of_a_user(office: Page, longest: Passkey) -> None:
    """S2.7: the page of a user lists the passkeys with what is to be known of each, and leads to each."""
    office.goto(reverse("admin:auth_user_change", args=[longest.user_id]))
    part = office.get_by_role("group", name="Passkeys")
    expect(part.get_by_text("It was made for another RP ID")).to_be_visible()
    assert office.evaluate(SCROLLS, "#passkeys-group") == []
    # The name stands there once, in its column.
    expect(part.get_by_text("W" * 64).filter(visible=True)).to_have_count(1)
    part.get_by_role("link", name="W" * 64).click()
    expect(office.get_by_role("heading", name="Change passkey")).to_be_visible()


def test_axe(office: Page, alice: User, complaints: Complaints) -> None:
    """What the app puts into the admin's pages is readable for everyone, in light and in dark."""
    complaints.expect(r"inline.*\(\)$")  # axe-core's own, on a long page
    stored_passkey(alice, rp_id="localhost", nickname="Blue", confirmed=False)
    for url, part in (
        (reverse(LIST), "#result_list"),
        (reverse("admin:auth_user_change", args=[alice.pk]), "#passkeys-group"),
    ):
        office.goto(url)
        # Django's links change their colour slowly, also for users who asked for less motion.
        office.evaluate(STYLE, "* { transition: none !important; }")
        assert violations(office, within=f"{part} tbody") == []
