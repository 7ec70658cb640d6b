"""Passkeys: confirming with one, and what must be proved before one is added or deleted."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.exceptions import NotAuthenticated, ReauthenticationRequired
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.signals import passkey_deleted, passkey_used
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import PAGE, asks, give, grow_old, is_verified, keep, stored
from ..helpers.rows import stored_passkey
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, answer, ask, copy, is_signed_in

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
JSON = "application/json"


def delete(client: Client, passkey: Passkey, kind: str) -> Any:
    """Delete a passkey by form or JSON."""
    data: dict[str, Any] = {"content_type": JSON, "data": {}} if kind == "JSON" else {}
    return client.post(reverse("otp_passkeys:delete", args=[passkey.pk]), **data)


def test_what_is_asked(alice: User, bob: User, signed_in: SignedIn) -> None:
    """S4.6: all of the user's usable passkeys with transports, the most recently used first."""
    for number, last_used in enumerate(["2026-01-01", None, "2026-03-01", "2026-02-01"]):
        stored_passkey(
            alice,
            credential_id=b"alices %d" % number,
            transports=["usb", f"t{number}"],
            last_used_at=last_used and f"{last_used}T00:00:00Z",
        )
    stored_passkey(alice, confirmed=False)
    stored_passkey(bob)
    options = ask(signed_in(alice), "authenticate-options")
    order = [one["transports"][1] for one in options["allowCredentials"]]
    assert order == ["t2", "t3", "t0", "t1"]
    assert options["userVerification"] == "preferred"


@pytest.mark.usefixtures("passkey")
def test_confirms(authenticator: Authenticator, alice: User, signed_in: SignedIn) -> None:
    """S4.9, S4.10: a passkey sets a fresh marker, verifies the session, and leads back."""
    client = signed_in(alice, verified=False)
    grow_old(client)
    eve = copy(client)
    response = sign_in(client, authenticator, next="/by-passkey/")
    assert response.json() == {"redirect_url": "/by-passkey/"}
    marker = stored(client)
    assert (marker["method"], marker["verified"]) == ("passkey", True)
    assert client.get("/by-passkey/").status_code == 200
    assert is_verified(client)
    assert eve.cookies["sessionid"].value != client.cookies["sessionid"].value


@pytest.mark.server_sessions
@pytest.mark.usefixtures("passkey")
def test_session_key_is_new(authenticator: Authenticator, browser: Client) -> None:
    """T16: who knows the session's key of before is nobody."""
    eve = copy(browser)
    assert sign_in(browser, authenticator).status_code == 200
    assert (is_signed_in(browser), is_signed_in(eve)) == (True, False)


def test_passkey_of_another_user(
    passkey: Passkey, authenticator: Authenticator, bob: User, signed_in: SignedIn
) -> None:
    """S4.8: alice's passkey proves nothing of bob; nothing changes, and no use is announced."""
    client = signed_in(bob)
    before = dict(client.session)
    assertion = authenticator.get(
        {**ask(client, "authenticate-options"), "allowCredentials": []}, force=True
    )
    with sent(passkey_used) as used, sent(user_login_failed) as failures:
        response = answer(client, "authenticate", assertion)
    assert response.status_code == 403
    assert response.json() == {
        "code": "credential_user_mismatch",
        "detail": "That passkey belongs to a different account. Choose one of this account, or another way.",
    }
    assert (len(used), len(failures)) == (0, 1)
    assert dict(client.session) == before
    passkey.refresh_from_db()
    assert passkey.last_used_at is None


@pytest.mark.parametrize("state", ["old", "none", "bobs"])
def test_adding_asks(
    alice: User, bob: User, signed_in: SignedIn, authenticator: Authenticator, state: str
) -> None:
    """S1.15, S4.9: the options of a registration are not given without a proof, and nothing is written."""
    client = signed_in(alice)
    if state == "old":
        grow_old(client)
    else:
        keep(client, **{MARKER: stored(signed_in(bob)) if state == "bobs" else None})
    response = register(client, authenticator)
    assert response.status_code == 403
    assert response.json() == {
        "code": "reauthentication_required",
        "detail": "Confirm that it’s you first.",
        "reauthenticate_url": asks(PAGE, "/passkeys/#otp-passkeys-add"),
    }
    assert not UserHandle.objects.exists()
    assert give(client, password=PASSWORD).status_code == 302
    assert register(client, authenticator).status_code == 201


def test_age_of_the_setting(authenticator: Authenticator, settings: Any, browser: Client) -> None:
    """S1.15: the site chooses how old a proof may be."""
    settings.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE = 60
    grow_old(browser, 70)
    assert register(browser, authenticator).status_code == 403
    settings.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE = 90
    assert register(browser, authenticator).status_code == 201


@pytest.mark.parametrize("kind", ["form", "JSON"])
def test_deleting_asks(alice: User, signed_in: SignedIn, kind: str) -> None:
    """S1.15: neither the page that asks nor the deletion itself comes without a proof."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    grow_old(client)
    address = reverse("otp_passkeys:delete", args=[passkey.pk])
    response = client.get(address)
    assert response.headers["Location"] == asks(PAGE, address)
    with sent(passkey_deleted) as deleted:
        response = delete(client, passkey, kind)
    if kind == "JSON":
        assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")
    else:
        assert response.headers["Location"] == asks(PAGE, address)
    assert (Passkey.objects.count(), deleted) == (1, [])
    assert give(client, password=PASSWORD, next=address).headers["Location"] == address
    assert client.get(address).status_code == 200
    assert Passkey.objects.count() == 1
    assert delete(client, passkey, kind).status_code in {204, 302}
    assert not Passkey.objects.exists()


def test_others_do_not_ask(alice: User, signed_in: SignedIn) -> None:
    """P6: to look at one's passkeys and to rename one needs no fresh proof."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    grow_old(client)
    assert client.get("/passkeys/").status_code == 200
    address = reverse("otp_passkeys:rename", args=[passkey.pk])
    assert client.get(address).status_code == 200
    response = client.post(address, {"nickname": "Mine"})
    assert response.headers["Location"] == "/passkeys/#otp-passkeys-news"


def test_actions_ask(alice: User, request_of: Any) -> None:
    """S4.9: a site's own views get the same answer from the actions; a command is not asked."""
    passkey = stored_passkey(alice)
    request = request_of(alice)
    del request.session[MARKER]
    request.user.is_verified = lambda: True
    for act in (
        lambda: actions.begin_registration(request),
        lambda: actions.delete(user=alice, pk=passkey.pk, request=request),
    ):
        with pytest.raises(ReauthenticationRequired):
            act()
    alice.is_active = False
    with pytest.raises(NotAuthenticated):
        actions.begin_registration(request)
    actions.delete(user=alice, pk=passkey.pk)
