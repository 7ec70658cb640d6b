"""Passkeys of another package in Chromium: under its user handle, beside one of ours, and as a second step."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import ImportedHandle, Passkey, UserHandle

from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

GUESSABLE = b"1"


@pytest.fixture
def old(alice: User, virtual_authenticator: VirtualAuthenticator, page: Page) -> Passkey:
    """Give alice a passkey that an import brought; the browser knows it under the other package's handle."""
    passkey, credential = steps.passkey_from_elsewhere(alice, synced=False)
    credential.user_handle = GUESSABLE
    virtual_authenticator.hold(credential)
    Passkey.objects.update(handle=GUESSABLE, backup_eligible=None)
    UserHandle.objects.update(has_imported_handles=True)
    ImportedHandle.objects.create(user=alice, rp_id="localhost", handle=GUESSABLE, complete=True)
    passkey.refresh_from_db()
    return passkey


@pytest.fixture
def new(old: Passkey, alice: User, virtual_authenticator: VirtualAuthenticator) -> Passkey:
    """Give her one of this app in the same browser."""
    passkey, credential = steps.passkey_from_elsewhere(alice, synced=False)
    virtual_authenticator.hold(credential)
    return passkey


def test_both_are_renamed(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, old: Passkey, new: Passkey
) -> None:
    """S5.7: one sync renames the passkeys under both handles, and deletes neither."""
    User.objects.filter(pk=alice.pk).update(username="alison", first_name="Alison")
    steps.begin_visit(page, User.objects.get(pk=alice.pk))
    virtual_authenticator.until(
        lambda held: [one.user_name for one in held] == ["alison", "alison"], what="both names"
    )
    assert virtual_authenticator.ids() == {old.id_base64url, new.id_base64url}
    assert len({one.user_handle for one in virtual_authenticator.credentials()}) == 2


@pytest.mark.parametrize("gone", ["old", "new"])
def test_only_the_deleted_one_goes(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    alice: User,
    old: Passkey,
    new: Passkey,
    gone: str,
) -> None:
    """S5.7: the user deletes one in the panel, and the browser keeps the other."""
    deleted, kept = (old, new) if gone == "old" else (new, old)
    steps.open_panel(steps.bring_session(page, alice))
    with steps.syncing(page):
        steps.delete(steps.row(page, deleted.id_base64url))
    virtual_authenticator.until(
        lambda held: [one.credential_id for one in held] == [kept.id_base64url],
        what="the other passkey alone",
    )


def test_incomplete_import_deletes_nothing(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, old: Passkey, new: Passkey
) -> None:
    """S5.8: a passkey that the import left out stays in the browser, though its owner is in step."""
    Passkey.objects.filter(pk=old.pk).delete()
    ImportedHandle.objects.update(complete=False, emptied_at=None)
    User.objects.filter(pk=alice.pk).update(username="alison")
    steps.begin_visit(page, User.objects.get(pk=alice.pk))
    virtual_authenticator.until(
        lambda held: "alison" in {one.user_name for one in held}, what="the new name"
    )
    assert virtual_authenticator.ids() == {old.id_base64url, new.id_base64url}


@pytest.mark.parametrize("complete", [True, False])
def test_panel_says_what_is_done(page: Page, alice: User, old: Passkey, complete: bool) -> None:
    """S5.8: after a deletion the panel says that the browser was asked only where it was."""
    ImportedHandle.objects.update(complete=complete)
    steps.begin_in_panel(page, alice)
    with steps.syncing(page):
        steps.delete(steps.row(page, old.id_base64url))
    asked = "We’ve also asked your browser to remove it."
    expect(page.get_by_text(asked)).to_have_count(1 if complete else 0)
    not_asked = page.get_by_text(
        "If it still comes up when you sign in, delete it where it is saved as well."
    )
    expect(not_asked).to_have_count(0 if complete else 1)


def use_passkey(page: Page, authenticator: VirtualAuthenticator) -> None:
    """Press the passkey button of a sign-in page; the authenticator waits for that before it is touched."""
    authenticator.set_presence(False)
    steps.open_sign_in(page, authenticator)
    authenticator.set_presence(True)
    steps.press_passkey_button(page)


def test_signs_in(
    page: Page, virtual_authenticator: VirtualAuthenticator, old: Passkey, alice: User
) -> None:
    """S5.1, S5.5: the browser signs in with it, verified, and what was not known is learnt."""
    use_passkey(page, virtual_authenticator)
    steps.expect_signed_in(page, alice, passkey=True)
    old.refresh_from_db()
    assert old.backup_eligible is False


@pytest.mark.complaint("status of 403")
def test_second_step(
    page: Page, virtual_authenticator: VirtualAuthenticator, old: Passkey, alice: User
) -> None:
    """S5.6: the page says what to do; after the password the key confirms, and signs in alone next time."""
    Passkey.objects.update(second_step_only=True, user_verified=False)
    use_passkey(page, virtual_authenticator)
    said = page.get_by_text("Sign in with your password first; this key is your second step.")
    expect(said).to_be_visible()
    assert virtual_authenticator.ids() == {old.id_base64url}
    virtual_authenticator.set_presence(False)
    steps.fill_in_password(page, alice)
    steps.expect_signed_in(page, alice)
    steps.open_panel(page)
    expect(steps.row(page, old.id_base64url)).to_contain_text("Second step only")
    virtual_authenticator.set_presence(True)
    panel = reverse("otp_passkeys:list")
    page.goto(f"{reverse('otp_passkeys:reauthenticate-second-factor')}?next={panel}")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(steps.row(page, old.id_base64url)).to_be_visible()
    expect(page.get_by_text("Second step only")).to_have_count(0)
    settled(page)
    steps.sign_out(page)
    use_passkey(page, virtual_authenticator)
    steps.expect_signed_in(page, alice, passkey=True)
