"""Let’s make sure it’s you, in Firefox."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.sync import FLAG

from ..conftest import PASSWORD
from .firefox import Firefox
from .managers import sign_in_by_password

pytestmark = [pytest.mark.browser, pytest.mark.extended, pytest.mark.firefox]


def let_time_pass() -> None:
    """Let time pass since the user of the one session proved who they are."""
    session = SessionStore(Session.objects.get().session_key)
    session[MARKER] = {**session[MARKER], "time": session[MARKER]["time"] - 605}
    session.save()


def is_synced() -> bool:
    """Say whether the page's own requests, which save the session too, are over."""
    return FLAG not in Session.objects.get().get_decoded()


def test_password_and_passkey(firefox: Firefox, alice: User) -> None:
    """The danger zone opens to the password, and to the passkey that is added then (S4.3, S4.4)."""
    firefox.go(reverse("otp_passkeys:sign-in"))
    sign_in_by_password(firefox)
    firefox.until(is_synced, what="the end of the sync")
    let_time_pass()
    firefox.go("/settings/export/")
    assert "Let’s make sure it’s you" in firefox.text()
    assert "Account: alice" in firefox.text()
    firefox.type("[name=password]", PASSWORD)
    firefox.click("form:has([name=password]) button[type=submit]")
    firefox.until(lambda: "Download your data" in firefox.text(), what="the export")

    firefox.add_authenticator()
    firefox.go(reverse("otp_passkeys:list"))
    firefox.click("[data-add]")
    firefox.until(lambda: firefox.count("[data-list] [data-id]") == 1, what="the new row")
    firefox.until(is_synced, what="the end of the sync")
    let_time_pass()
    firefox.go("/settings/delete/")
    assert "You’ll use your passkey to verify it’s you" in firefox.text()
    assert firefox.count("[type=password]") == 0
    firefox.click("otp-passkey-sign-in button")
    firefox.until(lambda: "Delete my account" in firefox.text(), what="the danger zone")
    assert Passkey.objects.get().last_used_at is not None
    firefox.click("main form button[type=submit]")
    firefox.until(lambda: "Your account is deleted." in firefox.text(), what="the deletion")
    assert not User.objects.exists()
