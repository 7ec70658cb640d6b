"""Wagtail beside this app: its editors' sign-in page, and a page of their account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from docs.screenshots.accounts import DANA, with_passkeys
from otp_passkeys.testing import Authenticator, sign_in
from tests.browser.chromium import VirtualAuthenticator, until
from tests.conftest import PASSWORD
from tests.helpers.steps import SignedIn, enrol

from .looks import SUFFIXES, expect_readable, picture

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
HOME, SIGN_IN, ACCOUNT = "/cms/", "/cms/login/", "/cms/account/"
PASSKEYS = f"{ACCOUNT}passkeys/"


@pytest.fixture(autouse=True)
def sign_in_form(settings: Any, site_module: Any) -> None:
    """Give Wagtail the form of the page."""
    site_module("how-to/wagtail", "class SignInForm")
    settings.WAGTAILADMIN_USER_LOGIN_FORM = "site_module.SignInForm"


def test_sign_in_page() -> None:
    """The button leads to where the editor was going, or to the dashboard; the field takes suggestions."""
    for query, target in (("", HOME), (f"?next={ACCOUNT}", ACCOUNT)):
        html = Client().get(f"{SIGN_IN}{query}", secure=True).content.decode()
        assert re.search(rf'<otp-passkey-sign-in [^>]*next="{target}"', html)
        assert re.search(r'<input [^>]*autocomplete="username webauthn"', html)


def test_one_sign_in_page_for_all(client: Client, settings: Any) -> None:
    """With the setting that the page names, editors sign in on the app's page."""
    settings.WAGTAILADMIN_LOGIN_URL = "otp_passkeys:sign-in"
    assert client.get(HOME, secure=True)["Location"] == f"/passkeys/sign-in/?next={HOME}"


def test_account(staff: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """A passkey signs the editor in; the account page leads to the panel, which visitors do not see."""
    enrol(signed_in(staff), authenticator, nickname="Work")
    client = Client()
    assert client.get(PASSKEYS, secure=True)["Location"].startswith(SIGN_IN)
    assert sign_in(client, authenticator, next=HOME).json()["redirect_url"] == HOME
    assert f'href="{PASSKEYS}"' in client.get(ACCOUNT, secure=True).content.decode()
    html = client.get(PASSKEYS, secure=True).content.decode()
    assert "<otp-passkey-panel" in html
    assert "Work" in html
    assert html.count("<otp-passkey-sync") == 2  # the panel's own, and that of the base template


@pytest.mark.django_db(transaction=True)
def test_editors_way(page: Page, staff: User) -> None:
    """S1.1, S2.1: with Wagtail's own pages, scripts and styles, an editor adds a passkey and signs in with it."""
    authenticator = VirtualAuthenticator(page)
    page.goto(ACCOUNT)
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(ACCOUNT)
    page.goto(PASSKEYS)
    page.get_by_role("button", name="Add a passkey").first.click()
    authenticator.until(bool, what="the passkey")
    expect(page.locator(".otp-passkeys-row")).to_have_count(1)
    page.context.clear_cookies()
    authenticator.set_presence(False)
    authenticator.asked.clear()
    page.goto(ACCOUNT)
    until(page, lambda: authenticator.asked == ["conditional"], what="autofill")
    authenticator.set_presence(True)
    picture(page, "wagtail-sign-in", "light", around="main")  # which has no dark
    expect_readable(page, "otp-passkey-sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(ACCOUNT)


@pytest.mark.django_db(transaction=True)
def test_looks(page: Page, live_server: Any) -> None:
    """The account page leads to the panel, which can be read in Wagtail's light and dark."""
    client = with_passkeys("dana", DANA, live_server.url)
    User.objects.update(is_superuser=True)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([{**session, "url": live_server.url}])  # type: ignore[typeddict-item]
    page.goto(ACCOUNT)
    page.get_by_role("tab", name="More actions").click()
    page.get_by_role("link", name="Passkeys").click()
    expect(page.locator(".otp-passkeys-row")).to_have_count(3)
    for scheme in SUFFIXES:
        picture(page, "wagtail-account", scheme)
    expect_readable(page, "otp-passkey-panel")
