"""Signing in with a passkey in Chromium, by button and by autofill."""

import time
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys import challenges
from otp_passkeys.models import Passkey

from . import steps
from .chromium import HeldPasskey, VirtualAuthenticator, until
from .quiet import settled

pytestmark = pytest.mark.browser


@pytest.fixture
def held(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> HeldPasskey:
    """Have alice add a passkey and sign out; from then on the authenticator waits to be touched.

    One that is touched at once answers the autofill of every sign-in page that is opened.
    """
    steps.open_panel(steps.bring_session(page, alice))
    with steps.syncing(page):
        steps.add_passkey(page)
        expect(steps.rows(page)).to_have_count(1)
    steps.expect_synced(page)
    steps.sign_out(page)
    virtual_authenticator.set_presence(False)
    virtual_authenticator.asked.clear()
    [held] = virtual_authenticator.credentials()
    return held


def test_by_button(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey, alice: User
) -> None:
    """The button signs in without name or password, while autofill is waiting, and as verified."""
    steps.open_sign_in(page, virtual_authenticator)
    steps.sign_in_with_passkey(page, virtual_authenticator, alice)
    assert virtual_authenticator.asked == ["conditional", "modal"]
    assert ("asserted", held.credential_id) in virtual_authenticator.events
    assert virtual_authenticator.ids() == {held.credential_id}
    assert Passkey.objects.get().last_used_at is not None


def test_by_autofill(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey, alice: User
) -> None:
    """A passkey picked from the autofill of the username field signs in, without a button."""
    virtual_authenticator.set_presence(True)
    page.goto(steps.any_account())
    steps.expect_signed_in(page, alice, passkey=True)
    assert virtual_authenticator.asked == ["conditional"]
    assert ("asserted", held.credential_id) in virtual_authenticator.events
    assert virtual_authenticator.ids() == {held.credential_id}


def test_next_page(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey
) -> None:
    """Who was sent to sign in comes to the page that was asked for (S1.12)."""
    steps.open_sign_in(page, virtual_authenticator, url=reverse("otp_passkeys:list"))
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(page)
    expect(steps.row(page, held.credential_id)).to_be_visible()
    expect(steps.rows(page)).not_to_contain_text("Never used")


def test_cancel(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey, alice: User
) -> None:
    """A cancelled request says so, changes nothing, and can be tried again."""
    steps.open_sign_in(page, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(page)
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    assert virtual_authenticator.credentials() == [held]
    settled(page)  # autofill has failed too
    virtual_authenticator.set_user_verified(True)
    # By script, because the gesture would bring autofill back, which may sign in first.
    page.get_by_text("Sign in with a passkey").evaluate("(one) => one.click()")
    steps.expect_signed_in(page, alice, passkey=True)


def test_password_works_beside_autofill(
    page: Page, held: HeldPasskey, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """The password form works while autofill waits, and its sign-in syncs, too (S0.6).

    What was changed without a request reaches the authenticator with it (S0.23).
    """
    User.objects.filter(pk=alice.pk).update(username="alice2", last_name="Abbot")
    alice.refresh_from_db()
    steps.open_sign_in(page, virtual_authenticator)
    steps.fill_in_password(page, alice)
    steps.expect_signed_in(page, alice)
    virtual_authenticator.until(
        lambda all_held: (
            [(one.user_name, one.display_name) for one in all_held] == [("alice2", "Alice Abbot")]
        ),
        what="the new names in the authenticator",
    )
    assert virtual_authenticator.ids() == {held.credential_id}


def expect_forgotten(page: Page, authenticator: VirtualAuthenticator) -> None:
    """Expect that the page says why, and that the authenticator does not hold the passkey any more."""
    message = page.get_by_text("This passkey isn’t linked to an account here any more.")
    expect(message).to_be_visible()
    authenticator.until(lambda held: held == [], what="an empty authenticator")


@pytest.mark.complaint("status of 404")
def test_deleted_on_the_server_is_forgotten(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey
) -> None:
    """A passkey that the server does not know any more is forgotten at the next try (S0.14)."""
    Passkey.objects.all().delete()
    steps.open_sign_in(page, virtual_authenticator)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(page)
    expect_forgotten(page, virtual_authenticator)
    assert virtual_authenticator.events[-1] == ("deleted", held.credential_id)


@pytest.mark.complaint("status of 404")
def test_deleted_on_the_server_is_forgotten_after_autofill(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey
) -> None:
    """…also when it was picked from autofill (S0.14)."""
    Passkey.objects.all().delete()
    virtual_authenticator.set_presence(True)
    page.goto(steps.any_account())
    expect_forgotten(page, virtual_authenticator)


@override_settings(OTP_PASSKEYS_SIGNALS="no-unknown")
@pytest.mark.complaint("status of 404")
def test_forgetting_can_be_turned_off(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey
) -> None:
    """The setting keeps the browser from being told (S0.14)."""
    Passkey.objects.all().delete()
    steps.open_sign_in(page, virtual_authenticator)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(page)
    expect(page.get_by_text("This passkey isn’t linked")).to_be_visible()
    settled(page)
    assert virtual_authenticator.ids() == {held.credential_id}


@pytest.mark.complaint("status of 403")
def test_disabled_passkey_is_kept_by_the_browser(
    page: Page, virtual_authenticator: VirtualAuthenticator, held: HeldPasskey
) -> None:
    """A refusal for another reason makes the browser forget nothing (S1.3).

    Autofill is not armed again by itself: a key that is always present would be refused for ever.
    """
    sent: list[str] = []
    page.on("request", lambda request: sent.append(urlsplit(request.url).path))
    Passkey.objects.update(confirmed=False)
    steps.open_sign_in(page, virtual_authenticator)
    virtual_authenticator.set_presence(True)
    steps.press_passkey_button(page)
    expect(page.locator("[role=alert]:visible, [role=status]:visible")).not_to_be_empty()
    settled(page)
    assert virtual_authenticator.ids() == {held.credential_id}
    assert ("deleted", held.credential_id) not in virtual_authenticator.events
    answers = reverse("otp_passkeys:authenticate")
    assert sent.count(answers) == 1
    with page.expect_request("**" + answers):  # whoever goes on is offered passkeys again
        page.keyboard.press("Tab")


class ServerClock:
    """Stands for the module `time`, where the server asks what time it is; `ahead` is in seconds."""

    ahead = 0

    def time(self) -> float:
        """Return the time, moved on."""
        return time.time() + self.ahead


@pytest.mark.parametrize("way", ["autofill", "button"])
def test_page_open_for_an_hour(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    held: HeldPasskey,
    alice: User,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page left open longer than its challenge lives signs in at the first try (S4.14).

    The hour passes at once, in the browser and for the server's challenges.
    """
    clock = ServerClock()
    monkeypatch.setattr(challenges, "time", clock)
    page.clock.install()
    steps.open_sign_in(page, virtual_authenticator)
    clock.ahead = 3600
    if way == "autofill":  # the virtual authenticator is touched for requests that come after this
        virtual_authenticator.set_presence(True)
    page.clock.fast_forward("01:00:00")
    until(page, lambda: len(virtual_authenticator.asked) == 2, what="a renewed conditional get()")
    if way == "button":
        clock.ahead += 3600
        virtual_authenticator.set_presence(True)
        steps.press_passkey_button(page)
    steps.expect_signed_in(page, alice, passkey=True)
    assert virtual_authenticator.asked[2:] == (["modal"] if way == "button" else [])
