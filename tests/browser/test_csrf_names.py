"""A site that changes the names of Django's CSRF cookie and header, or keeps the token elsewhere."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

NAMES = {"CSRF_HEADER_NAME": "HTTP_X_XSRF_TOKEN", "CSRF_COOKIE_NAME": "XSRF-TOKEN"}


@pytest.fixture(params=["CSRF_COOKIE_HTTPONLY", "CSRF_USE_SESSIONS", "neither"])
def names(request: pytest.FixtureRequest, example_site: None, settings: Any) -> None:
    """Give the example site names of its own, and a place for the token."""
    for name, value in NAMES.items():
        setattr(settings, name, value)
    if request.param != "neither":
        setattr(settings, request.param, True)


@pytest.mark.usefixtures("names")
def test_all_that_is_sent(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.7: the panel adds, renames and deletes, the button signs in, and each sync is reported."""
    with steps.syncing(page):
        steps.sign_in_with_password(page, alice)  # on a page that carries the sync and the offer
    steps.expect_synced(page)
    steps.open_panel(page)
    steps.add_passkey(page)
    expect(steps.rows(page)).to_have_count(1)
    steps.rename(steps.rows(page), "Desk")
    expect(steps.rows(page)).to_contain_text("Desk")
    settled(page)
    steps.sign_out(page)
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(page, virtual_authenticator)
    virtual_authenticator.set_presence(True)
    with steps.syncing(page):  # on a page that carries nothing but the sync
        steps.press_passkey_button(page)
        steps.expect_signed_in(page, alice, passkey=True)
    steps.expect_synced(page)
    steps.open_panel(page)
    steps.delete(steps.rows(page))
    expect(steps.rows(page)).to_have_count(0)
    assert not Passkey.objects.exists()
