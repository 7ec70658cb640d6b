"""The pages that ask who somebody is, and the offer after a sign-in, looked at by axe-core and measured."""

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from ..helpers.steps import lose_password
from . import steps
from .accessibility import examine
from .chromium import VirtualAuthenticator
from .steps_accounts import remember, sign_in_as
from .steps_reauthentication import EXPORT, prove_by_password

pytestmark = [pytest.mark.browser, pytest.mark.extended]

ASK = "otp_passkeys:reauthenticate"


def test_sign_in(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """The form for any account; after a wrong password; after a passkey that was not used."""
    virtual_authenticator.set_user_verified(False)
    page.goto(steps.any_account())
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    examine(page)
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    examine(page)
    steps.press_passkey_button(page)
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    examine(page)


def test_without_webauthn(page: Page, alice: User) -> None:
    """A browser that knows no passkeys: the form without the button, and the page that would ask for one."""
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(steps.any_account())
    expect(page.get_by_text("This browser can’t use passkeys.")).to_have_count(0)
    examine(page)
    steps.give_passkey(alice)
    steps.bring_session(page, alice).goto(reverse(ASK))
    expect(page.get_by_role("link", name="Try another way")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("This browser can’t use passkeys.")
    examine(page)


def test_welcome_back(page: Page, alice: User, bob: User, eve: User) -> None:
    """Several remembered accounts, one of them with the longest name, and one alone."""
    User.objects.filter(pk=eve.pk).update(username="e" * 150)
    eve.refresh_from_db()
    remember(page, alice, bob, eve).goto(reverse("otp_passkeys:sign-in"))
    expect(page.get_by_role("listitem")).to_have_count(3)
    examine(page)
    remember(page, bob).goto(reverse("otp_passkeys:sign-in"))
    expect(page.get_by_role("link", name="Sign in as bob")).to_be_visible()
    examine(page)
    page.evaluate("document.querySelector('otp-passkey-sign-in').say('Stale', 'error')")
    expect(page.get_by_role("status")).to_contain_text("out of date")
    examine(page)


def test_account(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """An account's own page: its passkey, cancelled, its password, and a wrong one."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    remember(page, alice).goto(reverse("otp_passkeys:sign-in"))
    sign_in_as(page, "alice")
    go = page.get_by_role("button", name="Go")
    expect(go).to_be_visible()
    examine(page)
    go.click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    examine(page)
    page.get_by_role("link", name="Try another way").click()
    examine(page)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    examine(page)


@override_settings(OTP_PASSKEYS_RECOVERY_URL="/recover/")
def test_reauthenticate(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A passkey, with its way out; cancelled; the choice of a way; none left; neither."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_user_verified(False)
    steps.bring_session(page, alice).goto(reverse(f"{ASK}-passkey") + f"?next={EXPORT}")
    expect(page.get_by_role("link", name="I can’t do any of this")).to_be_visible()
    examine(page)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    examine(page)
    page.goto(reverse(ASK) + "?way=choose")
    expect(page.get_by_role("link", name="Use your password")).to_be_visible()
    examine(page)
    alice.passkeys.all().delete()
    page.goto(reverse(f"{ASK}-passkey"))
    expect(page.get_by_role("button", name="Sign in again")).to_be_visible()
    examine(page)


@pytest.mark.complaint("status of 422")
def test_password(page: Page, alice: User) -> None:
    """The password, and a wrong one."""
    steps.bring_session(page, alice).goto(reverse(ASK) + f"?next={EXPORT}")
    examine(page)
    prove_by_password(page, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    examine(page)


def test_no_way_left(page: Page, alice: User) -> None:
    """Neither password nor passkey: to sign in again is all that remains."""
    lose_password(alice)
    steps.bring_session(page, alice).goto(reverse(ASK))
    expect(page.get_by_role("button", name="Sign in again")).to_be_visible()
    examine(page)


def test_offer(page: Page, alice: User) -> None:
    """The offer after a sign-in with a password."""
    steps.bring_session(page, alice).goto("/")
    expect(page.get_by_role("heading", name="Sign in faster next time")).to_be_visible()
    examine(page)
