"""The settings panel in Chromium: every step is asserted on what the authenticator holds."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey
from otp_passkeys.testing import to_base64url

from . import steps
from .chromium import VirtualAuthenticator

pytestmark = pytest.mark.browser

GOOGLE = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"


@pytest.fixture
def panel_with_one(panel: Page) -> Page:
    """Add a passkey in alice's panel."""
    steps.add_passkey(panel)
    expect(panel.get_by_text("was added. You can give it a name")).to_be_visible()
    return panel


def test_add(panel: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """A new passkey is in the list at once, under alice's handle and names (S0.22, S1.1, S2.1)."""
    steps.add_passkey(panel)
    expect(steps.rows(panel)).to_have_count(1)
    [passkey] = Passkey.objects.for_user(alice)
    [held] = virtual_authenticator.credentials()
    expect(steps.row(panel, held.credential_id)).to_be_visible()
    assert held.credential_id == passkey.id_base64url
    assert held.user_handle == to_base64url(bytes(alice.passkey_handle.handle))
    assert (held.rp_id, held.user_name) == ("localhost", "alice")
    assert held.display_name == "Alice Archer"


def test_add_keeps_what_is_there(
    panel: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A new passkey and its sync leave the one of another device in the list (S0.24, S2.1)."""
    elsewhere, _ = steps.passkey_from_elsewhere(alice)
    steps.verify(panel, alice)
    steps.open_panel(panel)
    expect(steps.rows(panel)).to_have_count(1)
    steps.add_passkey(panel)
    expect(steps.rows(panel)).to_have_count(2)
    expect(steps.row(panel, elsewhere.id_base64url)).to_be_visible()
    assert len(virtual_authenticator.credentials()) == 1


def test_new_row_has_name_and_icon(panel: Page) -> None:
    """The new row shows name, icon and dates without a reload (S1.2, S1.8, S2.1)."""
    steps.add_passkey(panel)
    row = steps.rows(panel)
    expect(row).to_contain_text("Unknown passkey provider")
    expect(row).to_contain_text("Never used")
    steps.expect_icon(row)


def test_known_provider_has_name_and_icon(panel: Page, alice: User) -> None:
    """A provider known by its AAGUID is shown with its own name and icon (S1.7)."""
    passkey, _ = steps.passkey_from_elsewhere(alice, aaguid=GOOGLE)
    steps.open_panel(panel)
    row = steps.row(panel, passkey.id_base64url)
    expect(row).to_contain_text("Google Password Manager")
    steps.expect_icon(row)


def test_add_again_on_the_same_device(
    panel_with_one: Page, virtual_authenticator: VirtualAuthenticator
) -> None:
    """A second passkey on the same device is refused by the browser, with kind words (S3.1, S3.3)."""
    before = virtual_authenticator.ids()
    steps.add_passkey(panel_with_one)
    message = panel_with_one.get_by_text("You already have a suitable passkey on this device.")
    expect(message).to_be_visible()
    assert virtual_authenticator.ids() == before
    assert Passkey.objects.count() == 1


def test_cancel(panel: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """A cancelled registration makes nothing, says so, and can be tried again."""
    virtual_authenticator.set_user_verified(False)
    steps.add_passkey(panel)
    expect(panel.get_by_text("No passkey was created.")).to_be_visible()
    assert virtual_authenticator.credentials() == []
    assert Passkey.objects.count() == 0
    virtual_authenticator.set_user_verified(True)
    steps.add_passkey(panel)
    expect(steps.rows(panel)).to_have_count(1)
    assert len(virtual_authenticator.credentials()) == 1


def test_rename_and_clear(
    panel_with_one: Page, virtual_authenticator: VirtualAuthenticator
) -> None:
    """A nickname wins over the provider's name until it is cleared (S1.9).

    It is escaped, and the authenticator never hears of it (S1.13).
    """
    page = panel_with_one
    before = virtual_authenticator.credentials()
    steps.rename(steps.rows(page), "Tom & <b>Jerry</b>")
    expect(steps.rows(page)).to_contain_text("Tom & <b>Jerry</b>")
    assert Passkey.objects.get().nickname == "Tom & <b>Jerry</b>"
    steps.rename(steps.rows(page), "")
    expect(steps.rows(page)).to_contain_text("Unknown passkey provider")
    assert Passkey.objects.get().nickname == ""
    assert virtual_authenticator.credentials() == before


def test_delete(panel_with_one: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """A deleted passkey is gone from the authenticator too (S0.8, S0.12, S1.3, S1.14).

    What is listed afterwards is what was signalled, read anew (S1.4), and the element that did it has
    left the page (S0.18).
    """
    [held] = virtual_authenticator.credentials()
    steps.delete(steps.rows(panel_with_one))
    expect(steps.rows(panel_with_one)).to_have_count(0)
    expect(panel_with_one.locator("otp-passkey-sync")).to_have_count(0)
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    assert virtual_authenticator.events[-1] == ("deleted", held.credential_id)
    assert Passkey.objects.count() == 0


def test_delete_leaves_the_others(
    panel_with_one: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User
) -> None:
    """Deleting one passkey costs no other, neither alice's nor bob's (S0.24, S2.6)."""
    page = panel_with_one
    [mine] = virtual_authenticator.credentials()
    elsewhere, _ = steps.passkey_from_elsewhere(alice)
    bobs, credential = steps.passkey_from_elsewhere(bob)
    virtual_authenticator.hold(credential)
    steps.open_panel(page)
    steps.delete(steps.row(page, elsewhere.id_base64url))
    expect(steps.rows(page)).to_have_count(1)
    steps.expect_synced(page)
    assert virtual_authenticator.ids() == {mine.credential_id, bobs.id_base64url}
    assert [one.id_base64url for one in Passkey.objects.for_user(alice)] == [mine.credential_id]


def test_change_of_username_reaches_the_authenticator(
    panel_with_one: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A new username and name are shown by the authenticator (S0.1, S0.5, S0.9, S0.12, S0.22).

    The next page carries no script any more (S0.10).
    """
    page = panel_with_one
    page.goto(reverse("profile"))
    page.get_by_label("Username").fill("alice.archer")
    page.get_by_label("First name").fill("Alicia")
    page.get_by_role("button", name="Save").click()
    virtual_authenticator.until(
        lambda held: (
            [(one.user_name, one.display_name) for one in held]
            == [("alice.archer", "Alicia Archer")]
        ),
        what="the new names in the authenticator",
    )
    steps.expect_synced(page)
    page.goto(reverse("home"))
    expect(page.locator("script[src*=sync]")).to_have_count(0)
