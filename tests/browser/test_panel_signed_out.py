"""The panel of a user whose session has ended meanwhile: each control leads to sign in, and back to where it was."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import Complaints, VirtualAuthenticator
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]


@pytest.fixture
def panel(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, complaints: Complaints
) -> Page:
    """Open alice's panel, who has a passkey."""
    complaints.expect("status of 401")
    steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(page, alice)
    return page


def end_session(page: Page) -> None:
    """End the session of the browser, which does not know."""
    settled(page)
    SessionStore(steps.session_key(page)).delete()


def add(page: Page) -> None:
    """Ask for another passkey."""
    steps.add_passkey(page)


def rename(page: Page) -> None:
    """Save another name, in the form that was open."""
    page.get_by_label("Name", exact=True).fill("Desk")
    page.get_by_role("button", name="Save").click()


def refresh(page: Page) -> None:
    """Read the list again."""
    page.get_by_role("button", name="Refresh the list").click()


def delete(page: Page) -> None:
    """Answer the question that was open."""
    page.get_by_role("button", name="Delete passkey", exact=True).click()


@pytest.mark.parametrize("act", [add, rename, refresh, delete])
def test_leads_to_sign_in_and_back(panel: Page, alice: User, act: Callable[[Page], None]) -> None:
    """S1.12: nothing is done, and nothing else is said; whoever signs in is in the panel again.

    Add and Rename said "Sign in first." and led nowhere; Refresh said that the list could not be read.
    """
    if act is rename:
        steps.rows(panel).locator("[data-rename]").click()
    if act is delete:
        steps.ask_to_delete(steps.rows(panel))
        expect(panel.get_by_role("dialog")).to_be_visible()
    end_session(panel)
    act(panel)
    panel.wait_for_url(lambda url: url.endswith("/sign-in/?next=" + reverse("otp_passkeys:list")))
    expect(panel.get_by_text("To go on, sign in again.")).to_be_visible()
    panel.goto(f"{panel.url}&other=1")  # the browser remembers the account
    steps.fill_in_password(panel, alice)
    panel.wait_for_url("**" + reverse("otp_passkeys:list"))
    expect(steps.rows(panel)).to_have_count(1)
    assert Passkey.objects.get().nickname == ""


def test_question_comes_after_sign_in(panel: Page, alice: User) -> None:
    """S1.12: a question that was not shown yet is the page that the sign-in leads to."""
    end_session(panel)
    steps.ask_to_delete(steps.rows(panel))
    panel.wait_for_url(re.compile(r"/sign-in/\?next=.*delete"))
    assert Passkey.objects.count() == 1


def test_says_nothing_that_is_outdated(panel: Page) -> None:
    """S1.12: on the way, no error flashes up that the user can do nothing about."""
    end_session(panel)
    # Such an answer leaves a browser where it is.
    panel.route("**/reauthenticate/**", lambda route: route.fulfill(status=204))
    with panel.expect_response("**/reauthenticate/**"):
        refresh(panel)
    expect(panel.locator("[aria-busy]")).to_have_count(0)
    status = panel.get_by_role("status")
    expect(status).to_have_attribute("data-kind", "busy")
    expect(status).to_have_text("Reading the list…")
