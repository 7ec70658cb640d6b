"""A second step only: a key that never verified its user signs in nobody until it verified them beside a proof."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp

from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_refused
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.reauthentication import give, grow_old, is_verified, keep, stored, totp_of
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, outcome

pytestmark = pytest.mark.urls("tests.reauthentication.urls")

REFUSED = "second_step_only"
PANEL = reverse("otp_passkeys:list")


def is_second_step(key: Passkey) -> bool:
    """Say whether a key is still a second step only."""
    return Passkey.objects.get(pk=key.pk).second_step_only


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("policy", ["required", "preferred", "always"])
def test_signs_nobody_in(
    key: Passkey, authenticator: Authenticator, settings: Any, policy: str, verified: bool
) -> None:
    """S5.6, T33: whether its user is verified or not, and nothing changes: no session, count or mark of use."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = policy
    client = Client()
    before = Passkey.objects.values().get()
    assertion = authenticator.get(
        ask(client, "authenticate-options"), user_verified=verified, force=True
    )
    refusal = answer(client, "authenticate", assertion)
    unverified = not verified and policy != "preferred"
    assert outcome(refusal) == ("verification_failed" if unverified else REFUSED)
    assert refusal.status_code == (422 if unverified else 403)
    assert "signal" not in refusal.json()
    assert not is_signed_in(client)
    assert "sessionid" not in client.cookies
    assert Passkey.objects.values().get() == before


def test_says_what_to_do(key: Passkey, authenticator: Authenticator) -> None:
    """S5.6: the user reads it, in JSON and on the page for forms, where the password can be given."""
    sentence = "Sign in with your password first; this key is your second step."
    client = Client()
    assert sign_in(client, authenticator).json()["detail"] == sentence
    assertion = authenticator.get(ask(client, "authenticate-options"))
    response = client.post(
        reverse("otp_passkeys:authenticate"), {"credential": json.dumps(assertion)}, secure=True
    )
    assert response.status_code == 403
    assert sentence in response.content.decode()
    assert 'name="password"' in response.content.decode()


def test_refusal_is_told(key: Passkey, authenticator: Authenticator) -> None:
    """S5.6: limits and logs of the site hear of it, as of each refusal."""
    with sent(passkey_refused) as heard:
        sign_in(Client(), authenticator)
    (refusal,) = heard
    assert refusal["error"].code == REFUSED
    assert refusal["passkey"] == key


def test_who_cannot_sign_learns_nothing(key: Passkey, authenticator: Authenticator) -> None:
    """S5.6, T19: the answer tells what the key is only to who has it."""
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    assertion["response"]["signature"] = "AAAA"
    assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"


def test_graduates(key: Passkey, authenticator: Authenticator, by_password: Client) -> None:
    """S5.6: it verifies its user after the password: the session is verified, and from now on it signs in."""
    assert outcome(sign_in(by_password, authenticator)) == "200"
    assert is_verified(by_password)
    assert not is_second_step(key)
    assert stored(by_password)["method"] == "passkey"
    visitor = Client()
    assert outcome(sign_in(visitor, authenticator)) == "200"
    assert is_verified(visitor)


def test_touch_stays_a_touch(
    key: Passkey, authenticator: Authenticator, by_password: Client
) -> None:
    """S5.6: without verification it is the second step of this session, renews no proof, and stays what it is."""
    before = stored(by_password)
    assert outcome(sign_in(by_password, authenticator, user_verified=False)) == "200"
    assert is_verified(by_password)
    assert stored(by_password) == before
    assert is_second_step(key)
    assert outcome(sign_in(Client(), authenticator)) == REFUSED


@pytest.mark.parametrize("verified", [True, False])
def test_browser_left_open(
    key: Passkey, authenticator: Authenticator, verified: bool, by_password: Client
) -> None:
    """S5.6, T33: eve finds the key, gives it a PIN, and finds a session whose password was given long ago."""
    grow_old(by_password)
    before = dict(by_password.session)
    assertion = authenticator.get(
        ask(by_password, "authenticate-options"), user_verified=verified, force=True
    )
    refusal = answer(by_password, "authenticate", assertion)
    assert outcome(refusal) == (REFUSED if verified else "verification_failed")
    assert dict(by_password.session) == before
    assert not is_verified(by_password)
    assert is_second_step(key)


@pytest.mark.usefixtures("key")
def test_without_a_marker(authenticator: Authenticator, by_password: Client) -> None:
    """S5.6, T33: a session of which nobody knows how it was opened proves nothing."""
    keep(by_password, otp_passkeys_marker=None)
    assert outcome(sign_in(by_password, authenticator)) == REFUSED


def test_marker_of_the_key_itself(
    key: Passkey, authenticator: Authenticator, by_password: Client
) -> None:
    """S5.6, T33: what the key itself has proved is no other factor, should it have become a second step since."""
    assert outcome(sign_in(by_password, authenticator)) == "200"
    Passkey.objects.update(second_step_only=True)
    assert outcome(sign_in(by_password, authenticator)) == REFUSED


@pytest.mark.parametrize("verified", [True, False])
def test_beside_another_passkey(
    key: Passkey, authenticator: Authenticator, verified: bool, browser: Client
) -> None:
    """S5.6: another passkey is another factor where it verified its user, and no proof where it was touched."""
    other = Authenticator()
    enrol(browser, other)
    client = Client()
    assert outcome(sign_in(client, other)) == "200"
    if not verified:
        marker = {**stored(client), "verified": False}
        keep(client, otp_passkeys_marker=marker)
    assert outcome(sign_in(client, authenticator)) == ("200" if verified else REFUSED)
    assert is_second_step(key) is not verified


def test_own_sign_in_through_our_backend(
    key: Passkey, alice: User, authenticator: Authenticator
) -> None:
    """S5.6, T33: a site that signs in through our backend by itself may have asked for a touch only."""
    client = Client()
    client.force_login(alice, "otp_passkeys.backends.PasskeyBackend")
    assert outcome(sign_in(client, authenticator)) == REFUSED
    assert is_second_step(key)


def test_beside_a_code(
    key: Passkey, alice: User, authenticator: Authenticator, by_password: Client
) -> None:
    """S5.6: a code is another factor."""
    device = totp_of(alice)
    grow_old(by_password)
    code = f"{totp(device.bin_key, device.step, device.t0, device.digits):06}"
    assert give(by_password, way=device.persistent_id, token=code).status_code == 302
    assert outcome(sign_in(by_password, authenticator)) == "200"
    assert not is_second_step(key)


def test_eve_with_her_own_session(
    key: Passkey, eve: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.6, T22: alice's key in eve's session, just opened by eve's password, proves and changes nothing."""
    client = signed_in(eve, verified=False)
    options = {**ask(client, "authenticate-options"), "allowCredentials": []}
    refusal = answer(client, "authenticate", authenticator.get(options))
    assert outcome(refusal) == "credential_user_mismatch"
    assert is_second_step(key)
    assert not is_verified(client)


def test_always(
    key: Passkey, authenticator: Authenticator, settings: Any, by_password: Client
) -> None:
    """S5.6: where the policy says always, it must verify its user and stand beside a proof."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "always"
    assertion = authenticator.get(
        ask(by_password, "authenticate-options"), user_verified=False, force=True
    )
    assert outcome(answer(by_password, "authenticate", assertion)) == "verification_failed"
    assert outcome(sign_in(by_password, authenticator)) == "200"
    assert not is_second_step(key)


def test_disabled(key: Passkey, authenticator: Authenticator, by_password: Client) -> None:
    """S5.6: one that is switched off does not graduate."""
    assertion = authenticator.get(ask(by_password, "authenticate-options"))
    Passkey.objects.update(confirmed=False)
    assert outcome(answer(by_password, "authenticate", assertion)) == "credential_disabled"
    assert is_second_step(key)
