"""Let’s make sure it’s you: the example site's danger zone in Chromium."""

import json

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.steps import lose_password
from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled
from .steps_reauthentication import (
    DELETE,
    EXPORT,
    arrive,
    arrive_without,
    expect_asked,
    let_time_pass,
    prove_by_password,
)

pytestmark = pytest.mark.browser


def test_password(page: Page, alice: User) -> None:
    """A user without a passkey gives the password and exports the data (S4.2, S4.3, S4.10)."""
    arrive_without(page, alice)
    page.goto(reverse("settings"))
    page.get_by_role("link", name="Export data").click()
    expect_asked(page, alice)
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_role("link", name="Try another way")).to_have_count(0)
    expect(page.get_by_role("button", name="Go")).to_have_count(0)
    prove_by_password(page)
    expect(page).to_have_url(EXPORT)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your data").click()
    assert json.loads(download.value.path().read_text())["username"] == "alice"


def test_passkey(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """A user with a passkey presses Go, and deletes the account; nothing asks before (S4.4, S4.6, S4.10)."""
    arrive(page, alice, virtual_authenticator)
    page.goto(DELETE)
    expect_asked(page, alice)
    expect(page.get_by_text("You’ll use your passkey to verify it’s you")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)
    settled(page)
    assert virtual_authenticator.asked == []
    page.get_by_role("button", name="Go").click()
    expect(page).to_have_url(DELETE)
    assert virtual_authenticator.asked == ["modal"]
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    assert not User.objects.exists()


def test_another_way(page: Page, alice: User) -> None:
    """ "Try another way" leads to the password and back to the passkey (S4.7)."""
    arrive(page, alice)
    page.goto(EXPORT)
    page.get_by_role("link", name="Try another way").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.get_by_role("link", name="Try another way").click()
    expect(page.get_by_role("button", name="Go")).to_be_visible()
    page.get_by_role("link", name="Try another way").click()
    prove_by_password(page)
    expect(page).to_have_url(EXPORT)


@pytest.mark.complaint("status of 422")
def test_wrong_password(page: Page, alice: User) -> None:
    """A wrong password is announced beside its field, and the right one goes on (S4.3)."""
    arrive_without(page, alice)
    page.goto(EXPORT)
    prove_by_password(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text("That password is not right. Try again.")
    field = page.get_by_label("Password")
    expect(field).to_have_accessible_description("That password is not right. Try again.")
    expect(field).to_be_focused()
    prove_by_password(page)
    expect(page).to_have_url(EXPORT)


def test_without_javascript(plain_page: Page, alice: User) -> None:
    """Without JavaScript the page says so at once, and the password does (S4.7)."""
    arrive(plain_page, alice)
    plain_page.goto(EXPORT)
    expect(plain_page.get_by_text("allow JavaScript for this site")).to_be_visible()
    expect(plain_page.get_by_role("button", name="Go")).to_have_count(0)
    plain_page.get_by_role("link", name="Try another way").click()
    prove_by_password(plain_page)
    expect(plain_page).to_have_url(EXPORT)


def test_passkey_only(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """Who has no password sees no field for one, and has a way out (S4.7)."""
    steps.give_passkey(alice, virtual_authenticator)
    lose_password(alice)
    page.goto(steps.any_account())  # where autofill, which waits for nobody here, signs in
    steps.expect_signed_in(page, alice, passkey=True)
    let_time_pass(page)
    for way in ("", "&way=password", "&way=choose"):
        page.goto(reverse("otp_passkeys:reauthenticate") + f"?next={EXPORT}{way}")
        expect_asked(page, alice)
        expect(page.locator("[type=password]")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_second_tab(page: Page, alice: User) -> None:
    """What is proved in one tab counts in the other (S4.9)."""
    arrive_without(page, alice)
    page.goto(EXPORT)
    expect_asked(page, alice)
    other = page.context.new_page()
    other.goto(DELETE)
    prove_by_password(other)
    expect(other).to_have_url(DELETE)
    page.goto(EXPORT)
    expect(page.get_by_role("button", name="Download your data")).to_be_visible()


def test_post_is_not_replayed(page: Page, alice: User) -> None:
    """What was posted too late is not done: the user is back at the form and reads so (S4.10)."""
    steps.bring_session(page, alice, in_step=True).goto(DELETE)
    let_time_pass(page)
    page.get_by_role("button", name="Delete my account").click()
    expect_asked(page, alice)
    prove_by_password(page)
    expect(page).to_have_url(DELETE)
    expect(page.get_by_role("status").first).to_contain_text("Nothing has been changed yet")
    assert User.objects.filter(pk=alice.pk).exists()
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert not User.objects.exists()


def test_keyboard(page: Page, alice: User) -> None:
    """The keyboard is enough (S4.3)."""
    arrive_without(page, alice)
    page.goto(reverse("settings"))
    page.get_by_role("link", name="Export data").focus()
    page.keyboard.press("Enter")
    expect_asked(page, alice)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Next")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(EXPORT)


@pytest.mark.complaint("status of 403")
def test_panel_adds(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """Adding a passkey too late leads to the page, and back to the button, with a sentence (S4.9, S4.10)."""
    steps.open_panel(steps.bring_session(page, alice, in_step=True))
    let_time_pass(page)
    steps.add_passkey(page)
    expect_asked(page, alice)
    prove_by_password(page)
    expect(page).to_have_url(reverse("otp_passkeys:list") + "#otp-passkeys-add")
    sentence = "Thanks, it’s you. Now choose “Add a passkey” once more."
    expect(page.get_by_role("status").filter(has_text=sentence)).to_be_visible()
    add = page.get_by_role("button", name="Add a passkey")
    expect(add).to_be_focused()
    expect(add).to_have_accessible_description(sentence)
    assert virtual_authenticator.ids() == set()
    page.keyboard.press("Enter")
    expect(steps.rows(page)).to_have_count(1)
    page.reload()
    expect(steps.rows(page)).to_have_count(1)
    expect(page.get_by_text(sentence)).to_have_count(0)


def test_panel_deletes(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """Deleting a passkey too late leads to the page and back to the question (S4.9, S4.10)."""
    passkey = steps.give_passkey(alice, virtual_authenticator)
    page.goto(steps.any_account())  # where autofill signs in
    steps.expect_signed_in(page, alice, passkey=True)
    address = reverse("otp_passkeys:delete", args=[passkey.pk])
    page.goto(address)
    let_time_pass(page)
    page.get_by_role("button", name="Delete passkey").click()
    expect_asked(page, alice)
    page.get_by_role("button", name="Go").click()
    expect(page).to_have_url(address)
    assert Passkey.objects.filter(pk=passkey.pk).exists()
    page.get_by_role("button", name="Delete passkey").click()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_visible()
    assert not Passkey.objects.exists()


def test_cancel(page: Page, alice: User) -> None:
    """S4.3: alice reads why she is asked, and leaves by a link that leads to no other question."""
    passkey = steps.give_passkey(alice)
    arrive_without(page, alice)
    for target, why, leads_to in (
        (reverse("otp_passkeys:delete", args=[passkey.pk]), "To delete a passkey", "list"),
        (EXPORT, "To continue", None),
    ):
        page.goto(target)
        expect_asked(page, alice)
        expect(page.get_by_text(f"{why}, confirm it’s you.")).to_be_visible()
        page.get_by_role("link", name="Cancel").click()
        expect(page).to_have_url(reverse(f"otp_passkeys:{leads_to}") if leads_to else "/")
