"""A deployment that signals nothing, and an address at which passkeys cannot be used."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.live import LiveServer
from . import steps
from .chromium import Complaints, VirtualAuthenticator

pytestmark = [pytest.mark.browser, pytest.mark.extended]


def test_deletion(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, settings: Any
) -> None:
    """S0.14, Y12: a silenced site deletes its row; the browser keeps its passkey, and nobody says it was asked."""
    settings.OTP_PASSKEYS_SIGNALS = False
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    stored, credential = steps.passkey_from_elsewhere(alice)
    steps.sign_in_with_password(page, alice)
    virtual_authenticator.hold(credential)
    steps.verify(page, alice)
    steps.open_panel(page)
    steps.row(page, stored.id_base64url).locator("[data-delete]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It stays where it is saved until you delete it there too.")
    dialog.get_by_role("button", name="Delete passkey").click()
    expect(page.get_by_role("status")).to_contain_text("delete it where it is saved as well.")
    expect(steps.rows(page)).to_have_count(0)
    assert not Passkey.objects.exists()
    assert [held.credential_id for held in virtual_authenticator.credentials()] == [
        stored.id_base64url
    ]
    assert not [url for url in asked if "/sync" in url]


def test_ip_address(
    page: Page, live_server: LiveServer, alice: User, complaints: Complaints, settings: Any
) -> None:
    """S1.6: at http://127.0.0.1 the pages say that passkeys cannot be used, and no script fails."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
    settings.OTP_PASSKEYS_SIGNALS = True
    site = live_server.url.replace("localhost", "127.0.0.1")
    page.goto(f"{site}/settings/passkeys/sign-in/")
    words = page.get_by_text("Passkeys can’t be used on this address.")
    expect(words).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    steps.fill_in_password(page, alice)
    expect(page.get_by_text("alice").first).to_be_visible()
    page.goto(f"{site}/settings/passkeys/")
    expect(words).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)
