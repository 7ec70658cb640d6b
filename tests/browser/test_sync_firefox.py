"""The sync in Firefox, which has no signal methods: it reports all the same, and no page has an error."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse

from otp_passkeys.sync import FLAG, SYNCED_AT

from ..helpers.rows import stored_passkey
from .firefox import Firefox
from .managers import sign_in_by_password

pytestmark = [pytest.mark.browser, pytest.mark.extended, pytest.mark.firefox]

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


def sign_in(firefox: Firefox) -> None:
    """Sign alice in with her password, and wait for the home page.

    She has a passkey elsewhere: to who has none, the page offers one, which brings the script as well.
    """
    stored_passkey(User.objects.get())
    firefox.go(reverse("otp_passkeys:sign-in"))
    sign_in_by_password(firefox)


def test_ordinary_pages(firefox: Firefox, alice: User) -> None:
    """After a sign-in and after a change a page syncs: no error, and the flag goes (S0.10, S0.17)."""
    sign_in(firefox)
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


def test_without_webauthn(firefox: Firefox, alice: User) -> None:
    """Where the browser has no WebAuthn at all, nothing throws and the flag goes (S0.13, S0.17)."""
    with without_webauthn(firefox):
        sign_in(firefox)
        assert firefox.run("return typeof PublicKeyCredential") == "undefined"
        expect_synced(firefox)
