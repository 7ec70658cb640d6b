"""Codes of django-otp's devices, which django-otp itself judges, counts and slows down."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from ..helpers.reauthentication import (
    PAGE,
    code_of,
    give,
    grow_old,
    is_verified,
    recovery_codes,
    stored,
    totp_of,
    ways,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

WRONG_CODE = "That code is not right, or there were too many tries."


@pytest.mark.usefixtures("atomic_requests")
def test_token(alice: User, signed_in: SignedIn) -> None:
    """S4.7: a code of the authenticator app proves it, once, and verifies the session for django-otp."""
    device = totp_of(alice)
    client = signed_in(alice)
    grow_old(client)
    code = code_of(device)
    assert not is_verified(client)
    response = give(client, device.persistent_id, token=f"{code[:3]} {code[3:]}", next="/tagged/")
    assert (response.status_code, response.headers["Location"]) == (302, "/tagged/")
    assert stored(client)["method"] == "token"
    assert is_verified(client)
    assert give(signed_in(alice), device.persistent_id, token=code).status_code == 422


@pytest.mark.usefixtures("atomic_requests")
def test_wrong_token(alice: User, browser: Client) -> None:
    """S4.7: a wrong code is refused and counted by django-otp, which then takes none for a while."""
    device = totp_of(alice)
    before = stored(browser)
    response = give(browser, device.persistent_id, token="000000x")
    assert response.status_code == 422
    assert WRONG_CODE in response.content.decode()
    device.refresh_from_db()
    assert device.throttling_failure_count == 1
    assert give(browser, device.persistent_id, token=code_of(device)).status_code == 422
    assert stored(browser) == before
    assert not is_verified(browser)


def test_recovery_code(alice: User, browser: Client) -> None:
    """S4.7: each recovery code works once, and where none is left, none is asked for."""
    device = recovery_codes(alice, "first", "second")
    assert give(browser, device.persistent_id, token="first").status_code == 302
    assert is_verified(browser)
    assert ways(browser) == ["Use your password", "Use a recovery code"]
    device.token_set.exclude(token="second").delete()
    assert give(browser, device.persistent_id, token="second").status_code == 302
    assert ways(browser) == ["Use your password"]


def test_device_of_another_user(alice: User, bob: User, signed_in: SignedIn) -> None:
    """S4.7: bob's device proves nothing of eve's session, with his code too, and counts no failure."""
    device = totp_of(bob)
    passkey = stored_passkey(bob)
    client = signed_in(alice)
    before = stored(client)
    for key in (device.persistent_id, passkey.persistent_id, "otp_totp.totpdevice/x", "a.b/1"):
        assert give(client, key, token=code_of(device)).status_code == 422
        page = client.get(f"{PAGE}?way={key}").content.decode()
        assert "my phone" not in page
        assert 'type="password"' in page
    device.refresh_from_db()
    assert (device.throttling_failure_count, device.last_t) == (0, -1)
    assert stored(client) == before


def test_unconfirmed_device(alice: User, signed_in: SignedIn) -> None:
    """S4.7: a device that was never confirmed proves nothing."""
    device = totp_of(alice, confirmed=False)
    assert give(signed_in(alice), device.persistent_id, token=code_of(device)).status_code == 422


def test_device_that_must_be_asked(alice: User, signed_in: SignedIn, monkeypatch: Any) -> None:
    """A device that would have to send a code first is not offered: nothing would be sent."""
    totp_of(alice)
    monkeypatch.setattr(TOTPDevice, "generate_challenge", lambda self: "sent", raising=False)
    assert ways(signed_in(alice)) == ["Use your password"]
