"""Somebody else who looks at the site as the user: they prove nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from otp_passkeys.models import Passkey

from .helpers_rows import stored_passkey
from .helpers_steps import SignedIn, outcome


@pytest.mark.parametrize("note", ["hijack_history", "loginas_from_user", "_impersonate"])
def test_impersonated(alice: User, signed_in: SignedIn, note: str) -> None:
    """P13: whoever looks at the site as alice adds and deletes nothing, however fresh the session is."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    session = client.session
    session[note] = ["1"]
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    for name, args in (("register-options", []), ("delete", [passkey.pk])):
        response = client.post(
            reverse(f"otp_passkeys:{name}", args=args), {}, content_type="application/json"
        )
        assert outcome(response) == "reauthentication_required"
    assert Passkey.objects.count() == 1
