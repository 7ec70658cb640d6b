"""The panel's list in Chromium: it says what is true, also when an answer is lost."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator
from .quiet import hurry, settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]


def test_refresh(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """The refresh control shows what was added elsewhere, keeps the focus, and says so (S2.4)."""
    steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(page, alice)
    expect(steps.rows(page)).to_have_count(1)
    passkey, credential = steps.passkey_from_elsewhere(alice)
    virtual_authenticator.hold(credential)
    control = page.get_by_role("button", name="Refresh the list")
    with steps.syncing(page):
        control.click()
    expect(steps.row(page, passkey.id_base64url)).to_be_visible()
    expect(page.get_by_text("The list is up to date.")).to_be_visible()
    expect(control).to_be_focused()
    assert virtual_authenticator.ids() == {passkey.id_base64url}


@pytest.mark.complaint("ERR_FAILED")
def test_unreadable_list(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """If the list cannot be read, the rows stay, the user is told, and nothing is signalled (S1.5)."""
    passkey, credential = steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice)
    virtual_authenticator.hold(credential)
    with steps.syncing(page):
        steps.open_panel(page)
    settled(page)  # the authenticator tells of the signals when it has heeded them
    before = list(virtual_authenticator.events)
    page.route("**" + reverse("otp_passkeys:list"), lambda route: route.abort())
    page.get_by_role("button", name="Refresh the list").click()
    expect(page.get_by_text("The list could not be read.")).to_be_visible()
    expect(steps.row(page, passkey.id_base64url)).to_be_visible()
    settled(page)
    assert virtual_authenticator.events == before


def add_while(page: Page, user: User, answer: Callable[[Route], None]) -> None:
    """Add a passkey while its answer meets something, and expect that the page finds it in the list."""
    steps.bring_session(page, user)
    page.clock.install()
    steps.open_panel(page)
    page.route("**" + reverse("otp_passkeys:register"), answer)
    steps.add_passkey(page)
    hurry(page, lambda: steps.rows(page).count() == 1, what="the row")
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()


@pytest.mark.complaint("ERR_FAILED")
def test_lost_answer_of_a_saved_passkey(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """When the answer is lost but the passkey was saved, the page finds it in the list (S2.5)."""
    add_while(page, alice, steps.lose_answer)
    [held] = virtual_authenticator.credentials()
    expect(steps.row(page, held.credential_id)).to_be_visible()
    assert Passkey.objects.get().id_base64url == held.credential_id


@pytest.mark.complaint("status of 502")
def test_error_after_saving(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """An error page that comes after the passkey was saved is no reason to say that it was not (S2.5)."""

    def answer_with_an_error(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502, body="Bad gateway")

    add_while(page, alice, answer_with_an_error)
    expect(steps.rows(page)).to_have_count(1)
    assert len(virtual_authenticator.credentials()) == 1


@pytest.mark.complaint("ERR_FAILED")
def test_lost_registration(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """When it was not saved, the page says so; the browser is not told to forget it (S2.5)."""
    steps.bring_session(page, alice)
    page.clock.install()
    steps.open_panel(page)
    page.route("**" + reverse("otp_passkeys:register"), lambda route: route.abort())
    steps.add_passkey(page)
    unsaved = page.get_by_text("Your passkey was not saved.")
    hurry(page, unsaved.is_visible, what="the outcome")
    expect(steps.rows(page)).to_have_count(0)
    assert len(virtual_authenticator.credentials()) == 1
    assert Passkey.objects.count() == 0


@override_settings(OTP_PASSKEYS_CHALLENGE_MAX_AGE=-1)
@pytest.mark.complaint("status of 400")
def test_refused_registration(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """When the server refuses it, the page says so and the browser drops what it just saved (S1.3)."""
    with override_settings(OTP_PASSKEYS_CHALLENGE_MAX_AGE=600):
        elsewhere, _ = steps.passkey_from_elsewhere(alice)
    steps.open_panel(steps.bring_session(page, alice))
    steps.add_passkey(page)
    expect(page.locator("[role=status][data-kind=error]")).not_to_be_empty()
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    assert [name for name, _ in virtual_authenticator.events if name != "updated"] == [
        "added",
        "deleted",
    ]
    expect(steps.row(page, elsewhere.id_base64url)).to_be_visible()
    expect(steps.rows(page)).to_have_count(1)
