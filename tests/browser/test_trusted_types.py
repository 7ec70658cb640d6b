"""A site whose policy demands Trusted Types: the app's scripts make no HTML of text."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# No policy is allowed, not even one of ours.
POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"


@pytest.fixture
def demanding(example_site: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the example site send the policy; the middleware reads it for each answer."""
    monkeypatch.setattr("example.middleware.POLICY", POLICY)


@pytest.mark.usefixtures("demanding")
def test_all_that_reads_pages(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.7: the list is read again, a passkey is deleted in the dialog, and a passkey signs in."""
    steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice)
    answer = page.goto(reverse("otp_passkeys:list"))
    assert answer is not None
    assert answer.headers["content-security-policy"] == POLICY
    page.get_by_role("button", name="Refresh the list").click()
    expect(page.get_by_role("status")).to_have_text("The list is up to date.")
    steps.add_passkey(page)
    expect(steps.rows(page)).to_have_count(2)
    steps.rename(steps.rows(page).first, "Desk")
    expect(steps.rows(page).first).to_contain_text("Desk")
    [older, newer] = Passkey.objects.order_by("pk")
    steps.delete(steps.row(page, older.id_base64url))
    expect(steps.rows(page)).to_have_count(1)
    assert page.url.endswith("/passkeys/")
    settled(page)
    page.context.clear_cookies()
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(page, virtual_authenticator)
    steps.sign_in_with_passkey(page, virtual_authenticator, alice)
    assert virtual_authenticator.ids() == {newer.id_base64url}
