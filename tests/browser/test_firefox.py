"""Firefox, which has no signal methods: the natural test that nothing breaks without them."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.sync import FLAG

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
    firefox.until(lambda: firefox.count("[data-list] [data-id]") == 1, what="the new row")
    [passkey] = Passkey.objects.for_user(alice)
    assert firefox.credential_ids(authenticator) == {passkey.id_base64url}
    assert "Never used" in firefox.text("[data-list]")

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
