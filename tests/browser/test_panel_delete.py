"""Deleting in the panel: the dialog asks, the list and the words afterwards are true."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import Complaints, VirtualAuthenticator, until
from .quiet import settled

pytestmark = pytest.mark.browser

GOOGLE = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"
DELETE = re.compile(r"/\d+/delete/$")


@pytest.fixture
def passkeys(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> list[Passkey]:
    """Sign alice in, give her three passkeys, and open her panel."""
    made = []
    for _ in range(3):
        passkey, credential = steps.passkey_from_elsewhere(alice, aaguid=GOOGLE)
        made.append((passkey, credential))
    steps.bring_session(page, alice)
    virtual_authenticator.hold(made[1][1])  # it holds one for an account
    with steps.syncing(page):
        steps.open_panel(page)
    return [passkey for passkey, _ in made]


def ask_about(row: Locator) -> Locator:
    """Press the button that deletes a passkey, and return the one that confirms it."""
    row.locator("[data-delete]").click()
    confirm = row.page.get_by_role("button", name="Delete passkey", exact=True)
    expect(confirm).to_be_visible()
    return confirm


def test_asks_first(page: Page, passkeys: list[Passkey]) -> None:
    """A dialog names passkey, provider, date and consequence; nothing is deleted yet (S1.14).

    Cancelling and Escape close it and give the focus back.
    """
    row = steps.row(page, passkeys[1].id_base64url)
    control = row.get_by_role("button", name="Delete Google Password Manager 2")
    dialog = page.get_by_role("dialog", name="Delete this passkey?")
    for close in (
        lambda: page.keyboard.press("Escape"),
        lambda: dialog.get_by_role("button", name="Cancel").click(),
    ):
        control.click()
        expect(dialog).to_contain_text("Google Password Manager 2")
        expect(dialog).to_contain_text("Added ")
        expect(dialog).to_contain_text("You won’t be able to sign in with this passkey")
        expect(dialog).to_contain_text("We’ll also ask your browser to remove it from Google")
        expect(dialog).not_to_contain_text("find this site")
        expect(dialog.get_by_role("heading", level=1)).to_be_focused()
        close()
        expect(dialog).to_be_hidden()
        expect(control).to_be_focused()
    assert Passkey.objects.count() == 3


def test_by_keyboard(
    page: Page, passkeys: list[Passkey], virtual_authenticator: VirtualAuthenticator
) -> None:
    """The keyboard alone deletes exactly that passkey; the next row gets the focus (S2.6, S1.4).

    What is said is that the browser was asked (S0.16).
    """
    first, second, third = passkeys
    steps.row(page, second.id_base64url).locator("[data-delete]").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Tab")
    with steps.syncing(page):
        page.keyboard.press("Enter")
    expect(steps.rows(page)).to_have_count(2)
    expect(steps.row(page, third.id_base64url)).to_be_focused()
    status = page.get_by_role("status")
    expect(status).to_contain_text("We’ve also asked your browser to remove it.")
    expect(status).not_to_contain_text("has been removed")
    assert set(Passkey.objects.all()) == {first, third}
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")


def test_last_one(page: Page, passkeys: list[Passkey]) -> None:
    """When the last is deleted, the focus goes to the button that adds one (S1.16)."""
    for left in (2, 1, 0):
        steps.delete(steps.rows(page).last)
        expect(steps.rows(page)).to_have_count(left)
    expect(page.get_by_text("No passkeys yet")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_focused()


@pytest.mark.complaint("status of 404")
def test_deleted_meanwhile(page: Page, passkeys: list[Passkey]) -> None:
    """A second delete of the same one is friendly, before and after the question (S1.14)."""
    _, second, third = passkeys
    second_row = steps.row(page, second.id_base64url)
    Passkey.objects.filter(pk=second.pk).delete()
    second_row.locator("[data-delete]").click()
    expect(page.get_by_text("This passkey is already gone.")).to_be_visible()
    expect(steps.rows(page)).to_have_count(2)
    confirm = ask_about(steps.row(page, third.id_base64url))
    Passkey.objects.filter(pk=third.pk).delete()
    confirm.click()
    expect(steps.rows(page)).to_have_count(1)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("status")).to_contain_text("already gone")


@pytest.mark.complaint("status of 409")
def test_last_way_in(page: Page, passkeys: list[Passkey]) -> None:
    """The only way in stays; the dialog says what to do first, and the row is still there (P8)."""
    confirm = ask_about(steps.rows(page).first)
    page.route(DELETE, refuse_as_last)
    confirm.click()
    expect(page.get_by_role("alert")).to_contain_text("This is your only way to sign in.")
    expect(steps.rows(page)).to_have_count(3)
    assert Passkey.objects.count() == 3


def refuse_as_last(route: Route) -> None:
    """Answer as the server does when the password went meanwhile, which would end this session too."""
    detail = "This is your only way to sign in. Add another passkey or set a password first."
    route.fulfill(status=409, json={"code": "last_way_in", "detail": detail})


def test_asks_who_it_is(page: Page, passkeys: list[Passkey], complaints: Complaints) -> None:
    """Where proof of who it is is missing, the page that asks for it opens (S1.15)."""
    complaints.expect(
        "status of 403"
    )  # Chromium's own line: no request of a script follows to that page
    steps.verify(page, None)
    steps.rows(page).first.locator("[data-delete]").click()
    expect(page.get_by_role("heading", name="Let’s make sure it’s you")).to_be_visible()
    assert Passkey.objects.count() == 3


@pytest.mark.complaint("status of 403")
def test_asks_who_it_is_after_the_question(page: Page, passkeys: list[Passkey]) -> None:
    """Also where the question was open for so long that the proof is too old (S1.15)."""
    confirm = ask_about(steps.rows(page).first)
    steps.verify(page, None)
    confirm.click()
    expect(page.get_by_role("heading", name="Let’s make sure it’s you")).to_be_visible()
    assert Passkey.objects.count() == 3


@pytest.mark.complaint("ERR_FAILED")
def test_lost_answer(page: Page, passkeys: list[Passkey]) -> None:
    """When the answer is lost, the list says whether it was deleted (S1.4, S1.5)."""
    dialog = page.get_by_role("dialog")
    page.route(DELETE, steps.refuse_posts)
    steps.rows(page).first.locator("[data-delete]").click()
    dialog.get_by_role("button", name="Delete passkey").click()
    expect(dialog.get_by_role("alert")).to_contain_text("could not be reached")
    assert Passkey.objects.count() == 3
    page.unroute(DELETE)
    page.route(DELETE, steps.lose_answer)
    dialog.get_by_role("button", name="Delete passkey").click()
    expect(steps.rows(page)).to_have_count(2)
    expect(page.get_by_role("status")).to_contain_text("was deleted.")


@pytest.mark.usefixtures("virtual_authenticator")
def test_without_signals(page: Page, passkeys: list[Passkey]) -> None:
    """Where the browser cannot be asked, nobody says it was or will be, and how to remove it is told (S0.16)."""
    page.evaluate("delete PublicKeyCredential.signalAllAcceptedCredentials")
    steps.ask_to_delete(steps.rows(page).first)
    dialog, status = page.get_by_role("dialog"), page.get_by_role("status")
    expect(dialog).to_contain_text("Open Google Password Manager, find this site")
    expect(dialog.get_by_text("ask your browser")).to_be_hidden()
    page.get_by_role("button", name="Delete passkey", exact=True).click()
    expect(status).to_contain_text("“Google Password Manager” was deleted.")
    expect(status).to_contain_text("Open Google Password Manager, find this site")
    expect(status).not_to_contain_text("asked your browser")


def test_event_can_be_cancelled(page: Page, passkeys: list[Passkey]) -> None:
    """A site's script may ask in its own way: the event comes first, and can be cancelled."""
    page.evaluate(
        """document.addEventListener("otp-passkeys:deleting", (event) => {
          event.preventDefault();
          window.seen = event.detail;
        })"""
    )
    steps.ask_to_delete(steps.rows(page).first)
    until(page, lambda: page.evaluate("Boolean(window.seen)"), what="the event")
    assert page.evaluate("window.seen") == {"id": passkeys[0].id_base64url}
    settled(page)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url.endswith(reverse("otp_passkeys:list"))


def test_new_tab(page: Page, passkeys: list[Passkey]) -> None:
    """A click that opens a new tab is the browser's: the page there works by itself (S2.8)."""
    with page.context.expect_page() as opened:
        steps.rows(page).first.locator("[data-delete]").click(modifiers=["ControlOrMeta"])
    expect(opened.value.get_by_role("heading", name="Delete this passkey?")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
