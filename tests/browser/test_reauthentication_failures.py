"""Let’s make sure it’s you, when something goes wrong, in Chromium."""

import json
import time

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from otp_passkeys.reauthentication.marker import MARKER

from . import steps
from .chromium import VirtualAuthenticator
from .steps_reauthentication import (
    EXPORT,
    arrive,
    arrive_without,
    expect_asked,
    prove_by_password,
    session_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.extended]


def press_go(page: Page) -> None:
    """Press the button that starts the ceremony."""
    page.get_by_role("button", name="Go").click()


def is_recent(page: Page) -> bool:
    """Say whether the session's marker was set just now."""
    return bool(time.time() - session_of(page)[MARKER]["time"] < 600)


def test_cancelled(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """After cancelling, or failing verification in the browser, the page says so and works again (S4.6, S4.7)."""
    arrive(page, alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    # Where verification is required, a user who fails it ends as one who cancels.
    page.goto(reverse("otp_passkeys:reauthenticate-passkey") + f"?next={EXPORT}")
    press_go(page)
    expect(page.get_by_role("status")).to_have_text(
        "No passkey was used. Try again or choose another way."
    )
    assert not is_recent(page)
    virtual_authenticator.set_user_verified(True)
    press_go(page)
    expect(page).to_have_url(EXPORT)
    assert session_of(page)[MARKER]["verified"] is True


@pytest.mark.complaint("status of 403")
def test_another_users_passkey(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User
) -> None:
    """Bob's passkey confirms nothing for alice, who stays signed in; the browser keeps it (S4.8)."""
    arrive(page, alice)
    bobs = steps.give_passkey(bob, virtual_authenticator)
    page.goto(EXPORT)
    page.route("**" + reverse("otp_passkeys:authenticate-options"), steps.allow_any)
    press_go(page)
    expect(page.get_by_role("status")).to_have_text(
        "That passkey belongs to a different account. Choose one of this account, or another way."
    )
    assert not is_recent(page)
    assert virtual_authenticator.ids() == {bobs.id_base64url}
    assert "deleted" not in [event for event, _ in virtual_authenticator.events]
    page.goto(EXPORT)
    expect_asked(page, alice)


def test_own_among_two(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User
) -> None:
    """Where the browser holds both, it is asked for alice's only (S4.6)."""
    alices = arrive(page, alice, virtual_authenticator)
    steps.give_passkey(bob, virtual_authenticator)
    page.goto(EXPORT)
    press_go(page)
    expect(page).to_have_url(EXPORT)
    used = [passkey for event, passkey in virtual_authenticator.events if event == "asserted"]
    assert used == [alices.id_base64url]


def relax_verification(route: Route) -> None:
    """Let the browser do without the verification that the server asks for."""
    response = route.fetch()
    options = response.json()
    assert options["userVerification"] == "required"
    route.fulfill(
        response=response, body=json.dumps({**options, "userVerification": "discouraged"})
    )


@pytest.mark.complaint("status of 422")
def test_unverified(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """Where a site asks for verification, the server looks at the flag, not only at the browser's word (S4.6)."""
    arrive(page, alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    page.goto(reverse("otp_passkeys:reauthenticate-passkey") + f"?next={EXPORT}")
    page.route("**" + reverse("otp_passkeys:authenticate-options"), relax_verification)
    press_go(page)
    expect(page.locator("[role=status][data-kind=error]")).not_to_be_empty()
    assert not is_recent(page)


@pytest.mark.complaint("status of 400")
def test_expired_challenge(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """An answer that came too late is refused with a sentence, and the next press works (S4.6)."""
    arrive(page, alice, virtual_authenticator)
    page.goto(EXPORT)
    with override_settings(OTP_PASSKEYS_CHALLENGE_MAX_AGE=-1):
        press_go(page)
        expect(page.locator("[role=status][data-kind=error]")).to_contain_text("too long")
    assert not is_recent(page)
    press_go(page)
    expect(page).to_have_url(EXPORT)


def test_session_gone_before_password(page: Page, alice: User) -> None:
    """Whose session ended on the open page signs in, and gets to the page asked for (S4.10)."""
    arrive_without(page, alice)
    page.goto(EXPORT)
    session_of(page).delete()
    prove_by_password(page)
    sign_in_again(page, alice)


def sign_in_again(page: Page, user: User) -> None:
    """Sign in on the page that is open, and arrive at the page asked for."""
    different = page.get_by_role("link", name="Use a different account")
    expect(different.or_(page.get_by_label("Username"))).to_be_visible()
    if different.is_visible():
        different.click()
    steps.fill_in_password(page, user)
    expect(page).to_have_url(EXPORT)


def test_session_gone_before_passkey(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """Whose session ended signs in with the same press, and gets to the page asked for (S4.1, S4.10)."""
    arrive(page, alice, virtual_authenticator)
    page.goto(EXPORT)
    session_of(page).delete()
    press_go(page)
    expect(page).to_have_url(EXPORT)
    expect(page.get_by_role("button", name="Download your data")).to_be_visible()


def test_passkey_that_nobody_has(page: Page, alice: User) -> None:
    """Where only a passkey will do and there is none, the next step is to add one (S4.7)."""
    steps.bring_session(page, alice, in_step=True).goto(
        reverse("otp_passkeys:reauthenticate-passkey") + f"?next={EXPORT}"
    )
    expect_asked(page, alice)
    expect(page.locator("[type=password]")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in again")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_visible()
