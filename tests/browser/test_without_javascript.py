"""The pages in a Chromium that has JavaScript turned off."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps

pytestmark = pytest.mark.browser


@pytest.fixture
def passkeys(transactional_db: None, alice: User) -> list[str]:
    """Give alice two passkeys; return their credential IDs."""
    return [steps.passkey_from_elsewhere(alice)[0].id_base64url for _ in range(2)]


def test_list_rename_delete(plain_page: Page, passkeys: list[str], alice: User) -> None:
    """List, rename and delete are plain links and forms (S2.8)."""
    page = plain_page
    first, second = passkeys
    steps.open_panel(steps.bring_session(page, alice))
    expect(steps.rows(page)).to_have_count(2)
    steps.rename(steps.row(page, second), "Spare key")
    expect(steps.row(page, second)).to_contain_text("Spare key")
    expect(steps.row(page, first)).not_to_contain_text("Spare key")
    steps.rename(steps.row(page, second), "")
    expect(steps.row(page, second)).to_contain_text("Unknown passkey provider")
    steps.delete(steps.row(page, first))
    expect(steps.rows(page)).to_have_count(1)
    expect(steps.row(page, second)).to_be_visible()
    assert [one.id_base64url for one in Passkey.objects.for_user(alice)] == [second]


@pytest.mark.complaint("status of 422")
def test_bad_nickname(plain_page: Page, passkeys: list[str], alice: User) -> None:
    """A nickname that is not allowed brings the form back, with the reason (S1.13, S2.8)."""
    page = plain_page
    steps.sign_in_with_password(page, alice)
    steps.open_panel(page)
    steps.row(page, passkeys[0]).get_by_role("button", name="Rename").click()
    page.get_by_label("Name", exact=True).fill("reversed\u202eeman")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    assert not Passkey.objects.exclude(nickname="").exists()
