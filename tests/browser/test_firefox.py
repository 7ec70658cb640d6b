"""Firefox, which has no signal methods: the natural test that nothing breaks without them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.sync import FLAG, SYNCED_AT

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from .firefox import Firefox
from .managers import sign_in_by_password

pytestmark = [pytest.mark.browser, pytest.mark.firefox]


def is_synced() -> bool:
    """Say whether the flag is cleared in the one session there is."""
    return FLAG not in Session.objects.get().get_decoded()


def test_register_sign_in_delete(firefox: Firefox, alice: User) -> None:
    """A passkey is added, signs in and is deleted; no page has an error (S0.13, S0.17, S4.13)."""
    firefox.go(reverse("otp_passkeys:sign-in"))
    assert firefox.run("return typeof PublicKeyCredential.signalCurrentUserDetails") == "undefined"
    sign_in_by_password(firefox)

    authenticator = firefox.add_authenticator()
    firefox.go(reverse("otp_passkeys:list"))
    firefox.click("[data-add]")
    firefox.until(lambda: "Never used" in firefox.text("[data-list]"), what="the new row")
    [passkey] = Passkey.objects.for_user(alice)
    assert firefox.credential_ids(authenticator) == {passkey.id_base64url}

    # The browser reports back all the same, so that no later page carries the script (S0.10).
    firefox.until(is_synced, what="the end of the sync")
    firefox.click("header form button")
    firefox.until(lambda: "Sign up" in firefox.text("header"), what="the sign-out")
    firefox.go(reverse("otp_passkeys:sign-in"))
    assert "Welcome back!" in firefox.text()
    firefox.click("[data-account]")
    firefox.until(
        lambda: "You are signed in as alice with a passkey." in firefox.text(),
        what="the sign-in with the passkey",
    )
    assert firefox.credential_ids(authenticator) == {passkey.id_base64url}
    passkey.refresh_from_db()
    assert passkey.last_used_at is not None

    firefox.go(reverse("otp_passkeys:delete", args=[passkey.pk]))
    firefox.click("main form button[type=submit]")
    firefox.until(lambda: firefox.count("[data-add]:enabled") == 1, what="the panel")
    firefox.until(is_synced, what="the end of the sync")
    assert firefox.count("[data-list] [data-id]") == 0
    assert not Passkey.objects.exists()
    # Nothing could tell the browser: it keeps the passkey, and no page broke for it.
    assert firefox.credential_ids(authenticator) == {passkey.id_base64url}


def let_time_pass() -> None:
    """Let time pass since the user of the one session proved who they are."""
    session = SessionStore(Session.objects.get().session_key)
    session[MARKER] = {**session[MARKER], "time": session[MARKER]["time"] - 605}
    session.save()


@pytest.mark.extended
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


MODULE = "script[src$='otp_passkeys/sync.js']"
METHODS = ["signalAllAcceptedCredentials", "signalCurrentUserDetails", "signalUnknownCredential"]


def is_due() -> bool:
    """Say whether a sync is due in the one session there is."""
    session = Session.objects.get().get_decoded()
    return FLAG in session or SYNCED_AT not in session


def scripts(firefox: Firefox) -> int:
    """Count the scripts of the tag; the offer has one of its own."""
    return firefox.count(MODULE) - firefox.count("otp-passkey-offer")


def expect_synced(firefox: Firefox) -> None:
    """Expect the tag on the page that is open, a report, and no script on the next pages."""
    assert scripts(firefox) == 1
    firefox.until(lambda: not is_due(), what="the end of the sync")
    firefox.until(
        lambda: bool(firefox.run("return localStorage.length")), what="the note of the sync"
    )
    assert firefox.count("otp-passkey-sync") == 0
    for page in ("/", reverse("profile")):
        firefox.go(page)
        assert scripts(firefox) == 0


def sign_in_with_one_elsewhere(firefox: Firefox) -> None:
    """Sign alice in with her password, and wait for the home page.

    She has a passkey elsewhere: to who has none, the page offers one, which brings the script as well.
    """
    stored_passkey(User.objects.get())
    firefox.go(reverse("otp_passkeys:sign-in"))
    sign_in_by_password(firefox)


@pytest.mark.extended
def test_ordinary_pages(firefox: Firefox, alice: User) -> None:
    """After a sign-in and after a change a page syncs: no error, and the flag goes (S0.10, S0.17)."""
    sign_in_with_one_elsewhere(firefox)
    assert not firefox.run(
        "return arguments[0].some((name) => name in PublicKeyCredential)", METHODS
    )
    expect_synced(firefox)
    firefox.type("[name=username]", "+")
    firefox.click("main form button[type=submit]")
    firefox.until(lambda: "Your profile is saved." in firefox.text(), what="the changed profile")
    expect_synced(firefox)
    stored = firefox.run("return {...localStorage, ...sessionStorage}")
    assert set(stored) == {"otp-passkeys"}
    assert stored["otp-passkeys"].isdigit()


@contextmanager
def without_webauthn(firefox: Firefox) -> Iterator[None]:
    """Turn WebAuthn off in the browser for a while."""
    with firefox.privileged():
        firefox.run("Services.prefs.setBoolPref('security.webauth.webauthn', false)")
    try:
        yield
    finally:
        with firefox.privileged():
            firefox.run("Services.prefs.clearUserPref('security.webauth.webauthn')")


@pytest.mark.extended
def test_without_webauthn(firefox: Firefox, alice: User) -> None:
    """Where the browser has no WebAuthn at all, nothing throws and the flag goes (S0.13, S0.17)."""
    with without_webauthn(firefox):
        sign_in_with_one_elsewhere(firefox)
        assert firefox.run("return typeof PublicKeyCredential") == "undefined"
        expect_synced(firefox)
