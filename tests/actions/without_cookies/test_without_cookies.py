"""Clients without cookies: the documentation's site with tokens, and apps that sign in and add passkeys there."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from otp_passkeys import challenges
from otp_passkeys.actions import without_cookies
from otp_passkeys.challenges import Purpose
from otp_passkeys.exceptions import ChallengeInvalid, Impersonated
from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_used
from otp_passkeys.testing import App, Authenticator, Nonce

from ...conftest import PASSWORD
from ...helpers.signals import sent
from ...helpers.steps import SignedIn, answer, ask, csrf_secret, outcome, request_of
from ...helpers.tokens import (
    CONFIRM,
    ORIGIN,
    REGISTER,
    SIGN_IN,
    app_of,
    asked,
    begun,
    confirmed,
    install,
)


@pytest.mark.parametrize("tokens", ["tokens_drf", "tokens_jwt"])
def test_app(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    tokens: str,
    django_capture_on_commit_callbacks: Any,
    mailoutbox: list[Any],
) -> None:
    """N1: an app signs in with a passkey, gets a token, adds a passkey with it, and no cookie is ever set."""
    install(settings, tokens)
    executed = django_capture_on_commit_callbacks(execute=True)
    with sent(user_logged_in) as logins, sent(passkey_used) as uses, executed:
        signed_in = app_of(authenticator=authenticator).sign_in(*SIGN_IN)
        given = signed_in.json()
        token = f"Token {given['token']}" if "token" in given else f"Bearer {given['access']}"
        app = App(authenticator=Authenticator(origin=ORIGIN), authorization=token)
        added = app.register(*REGISTER, confirm=CONFIRM, prover=authenticator, nickname="Phone")
        assert (added.status_code, added.json()["name"]) == (201, "Phone")
        assert app_of(authenticator=app.authenticator).sign_in(*SIGN_IN).status_code == 200
    assert logins == []
    assert [use["purpose"] for use in uses] == ["sign_in", "confirm", "sign_in"]
    assert (dict(signed_in.cookies), dict(added.cookies)) == ({}, {})
    assert not Session.objects.exists()
    assert User.objects.get().last_login is None
    assert len(mailoutbox) == 1
    assert all(one.last_used_at for one in Passkey.objects.all())


@pytest.mark.usefixtures("passkey")
def test_no_session_is_opened(authenticator: Authenticator, signed_in: SignedIn, bob: User) -> None:
    """N1: the session of a browser that is made to send somebody's answer stays what it was."""
    browser = signed_in(bob)
    before = dict(browser.session)
    options, nonce = begun(app_of(), SIGN_IN[0])
    body = {"credential": authenticator.get(options), "nonce": nonce}
    answered = browser.post(SIGN_IN[1], body, content_type="application/json", secure=True)
    assert outcome(answered) == "200"
    assert dict(browser.session) == before
    assert dict(answered.cookies) == {}


def test_nonce(passkey: Passkey, authenticator: Authenticator) -> None:
    """N2: an answer is worth nothing without the nonce of its exchange, nor with another's."""
    app = app_of()
    (options, nonce), (_, other) = begun(app, SIGN_IN[0]), begun(app, SIGN_IN[0])
    credential = authenticator.get(options)
    assert outcome(app.post(SIGN_IN[1], {"credential": credential})) == "malformed_request"
    stolen = {"credential": credential, "nonce": other}
    assert outcome(app.post(SIGN_IN[1], stolen)) == "challenge_invalid"
    body = {"credential": credential, "nonce": nonce}
    assert outcome(app.post(SIGN_IN[1], body)) == "200"
    assert outcome(app.post(SIGN_IN[1], body)) == "challenge_spent"


def test_another_app(passkey: Passkey, authenticator: Authenticator) -> None:
    """N10: an answer from an app that is not in the list is refused, wherever it is known."""
    app = app_of(authenticator=authenticator)
    answered = app.sign_in(*SIGN_IN, origin=f"android:apk-key-hash:{'A' * 43}")
    assert outcome(answered) == "verification_failed"


@pytest.mark.parametrize("browsers", ["authenticate", "register"])
def test_relay(
    passkey: Passkey, authenticator: Authenticator, signed_in: SignedIn, browsers: str
) -> None:
    """N3: what a browser was asked no app can answer, nor the reverse."""
    alice = passkey.user
    client = Client() if browsers == "authenticate" else signed_in(alice)
    app = app_of(alice)
    addresses = SIGN_IN if browsers == "authenticate" else REGISTER
    proof = {} if browsers == "authenticate" else confirmed(app, authenticator)
    options, nonce = begun(app, addresses[0], **proof)
    from_browser = ask(client, f"{browsers}-options")
    make = authenticator.get if browsers == "authenticate" else Authenticator().create
    body = {"credential": make(from_browser), "nonce": nonce}
    assert outcome(app.post(addresses[1], body)) == "challenge_invalid"
    assert outcome(answer(client, browsers, make(options))) == "challenge_invalid"


def test_keys_of_their_own(client: Client, passkey: Passkey) -> None:
    """N3: even a hash that reads as the secret of a browser makes no challenge of that browser."""
    ask(client, "authenticate-options")
    request, secret = request_of(client), csrf_secret(client)
    for there, back in ((None, secret), (secret, None)):
        challenge = challenges.issue(
            request, purpose=Purpose.SIGN_IN, requires_user_verification=False, nonce_hash=there
        )
        assert challenges.read(request, challenge, nonce_hash=there).is_for_anyone
        with pytest.raises(ChallengeInvalid):
            challenges.read(request, challenge, nonce_hash=back)


def test_purposes(passkey: Passkey, authenticator: Authenticator) -> None:
    """N4: a sign-in confirms nothing, and a confirmation signs nobody in."""
    request = RequestFactory().get("/", secure=True)
    request.user, nonce = passkey.user, Nonce()
    signs_in = without_cookies.begin_sign_in(request, nonce_hash=nonce.hash)
    with pytest.raises(ChallengeInvalid, match="another purpose"):
        without_cookies.begin_registration(
            request,
            nonce_hash=Nonce().hash,
            credential=authenticator.get(signs_in),
            nonce=nonce.value,
        )
    confirms = without_cookies.begin_confirmation(request, nonce_hash=nonce.hash)
    with pytest.raises(ChallengeInvalid, match="another purpose"):
        without_cookies.sign_in(request, authenticator.get(confirms), nonce=nonce.value)


@pytest.mark.parametrize("confirms", [False, True])
def test_verification_is_always_required(
    passkey: Passkey, authenticator: Authenticator, settings: Any, confirms: bool
) -> None:
    """T23: a touch is no sign-in and no proof, whatever the policy for browsers is."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    app = app_of(passkey.user if confirms else None)
    options, nonce = begun(app, CONFIRM if confirms else SIGN_IN[0])
    assert options["userVerification"] == "required"
    touch = authenticator.get(options, user_verified=False, force=True)
    given = {"credential": touch, "nonce": nonce}
    answered = asked(app, **given) if confirms else app.post(SIGN_IN[1], given)
    assert outcome(answered) == "verification_failed"


def test_new_passkeys_verify(alice: User, settings: Any) -> None:
    """T23: a passkey that could not sign in from an app is not added there."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    proof = {"password": PASSWORD}
    touch = app_of(alice).register(*REGISTER, proof=proof, user_verified=False, force=True)
    assert outcome(touch) == "verification_failed"


def test_second_step_only(passkey: Passkey, authenticator: Authenticator) -> None:
    """T33: a passkey that was a second step only neither signs in nor confirms here."""
    app = app_of(passkey.user, authenticator)
    proof = confirmed(app, authenticator)
    Passkey.objects.update(second_step_only=True)
    assert outcome(app.sign_in(*SIGN_IN)) == "second_step_only"
    assert outcome(asked(app, **proof)) == "second_step_only"
    assert outcome(app.post(CONFIRM, {"nonce_hash": Nonce().hash})) == "reauthentication_required"


def test_who_may_sign_in(passkey: Passkey, authenticator: Authenticator) -> None:
    """T11, T21, T29: a disabled passkey, an unknown one and an inactive user get no token."""
    app = app_of(authenticator=authenticator)
    with sent(user_login_failed) as failures:
        User.objects.update(is_active=False)
        assert outcome(app.sign_in(*SIGN_IN)) == "credential_disabled"
        User.objects.update(is_active=True)
        Passkey.objects.update(confirmed=False)
        assert outcome(app.sign_in(*SIGN_IN)) == "credential_disabled"
        Passkey.objects.all().delete()
        assert outcome(app.sign_in(*SIGN_IN)) == "credential_not_found"
    assert len(failures) == 3


def test_impersonation(passkey: Passkey, signed_in: SignedIn) -> None:
    """P13: somebody who looks at the site as the user begins nothing, beside a session either."""
    browser = signed_in(passkey.user)
    session = browser.session
    session["hijack_history"] = ["1"]
    session.save()
    browser.cookies["sessionid"] = session.session_key or ""
    for address in (CONFIRM, REGISTER[0]):
        body = {"nonce_hash": Nonce().hash}
        answered = browser.post(address, body, content_type="application/json", secure=True)
        assert outcome(answered) == "impersonated"
    request: Any = RequestFactory().get("/", secure=True)
    request.user, request.session = passkey.user, session
    with pytest.raises(Impersonated):
        without_cookies.begin_sign_in(request, nonce_hash=Nonce().hash)
    with pytest.raises(Impersonated):
        without_cookies.sign_in(request, {}, nonce="x" * 43)
