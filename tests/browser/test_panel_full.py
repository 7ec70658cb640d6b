"""The panel of an account that has as many passkeys as it can have."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.actions import adding, listing

from . import steps
from .chromium import VirtualAuthenticator

pytestmark = [pytest.mark.browser, pytest.mark.extended]

FULL = "Your account has as many passkeys as it can have."


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an account have two passkeys."""
    for module in (adding, listing):
        monkeypatch.setattr(module, "MAX_PASSKEYS", 2)


def test_full(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """S3.4: a deletion brings the buttons that add a passkey back, and the last addition takes them away."""
    for _ in range(2):
        steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(page, alice)
    add = page.get_by_role("button", name="Add a passkey")
    note = page.get_by_text(FULL)
    expect(note).to_be_visible()
    expect(add).to_be_hidden()
    with steps.syncing(page):
        steps.delete(steps.rows(page).last)
    expect(steps.rows(page)).to_have_count(1)
    expect(note).to_be_hidden()
    with steps.syncing(page):
        add.click()
    expect(steps.rows(page)).to_have_count(2)
    expect(note).to_be_visible()
    expect(add).to_be_hidden()


@pytest.mark.complaint("status of 409")
def test_another_tab_filled_it(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S3.4: a button that was there before says what to do, and asks the browser for nothing."""
    steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(page, alice)
    steps.passkey_from_elsewhere(alice)
    steps.add_passkey(page)
    expect(page.get_by_role("status")).to_contain_text(FULL)
    assert virtual_authenticator.credentials() == []
