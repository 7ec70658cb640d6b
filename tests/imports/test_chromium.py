"""The whole way in Chromium: added on django-allauth's page, imported, used and forgotten here (S5.1, S5.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey
from tests.browser.chromium import VirtualAuthenticator, until
from tests.browser.plain import tab
from tests.conftest import PASSWORD
from tests.helpers.live import LiveServer

from .steps import run_import

pytestmark = [
    pytest.mark.browser,
    pytest.mark.source("allauth"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def page(live_server: LiveServer) -> Iterator[Page]:
    """Open a tab of Chromium at the site."""
    with tab(live_server.url) as page:
        yield page


def test_whole_way(
    alice: User, page: Page, uninstalled: Callable[[], AbstractContextManager[object]]
) -> None:
    """The browser's passkey signs in after the import, is renamed by the sync, and goes when it is deleted."""
    authenticator = VirtualAuthenticator(page)
    page.goto("/old/login/")
    page.locator("input[name=login]").fill("alice")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("/")
    page.goto("/old/2fa/webauthn/add/")
    page.locator("input[name=name]").fill("Work")
    page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    authenticator.until(bool, what="allauth's passkey")
    page.wait_for_url("**/old/2fa/")
    page.context.clear_cookies()

    assert run_import("--finish").lines == ["Took 1 passkey of 1 account."]
    User.objects.update(first_name="Alicia")
    with uninstalled():
        # A key that is present at once answers the autofill, and the button is gone.
        authenticator.set_presence(False)
        authenticator.asked.clear()
        page.goto("/passkeys/sign-in/")
        until(page, lambda: authenticator.asked == ["conditional"], what="autofill")
        authenticator.set_presence(True)
        page.get_by_role("button", name="passkey").click()
        page.wait_for_url("/")
        page.goto("/passkeys/")
        expect(page.get_by_text("Work", exact=True)).to_be_visible()
        authenticator.until(lambda held: held[0].display_name == "Alicia Archer", what="the name")
        Passkey.objects.get().delete()
        page.goto("/passkeys/")
        authenticator.until(lambda held: not held, what="the deletion")
