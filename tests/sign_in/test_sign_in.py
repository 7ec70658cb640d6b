"""A sign-in with a passkey is a sign-in like any other, and a confirmation keeps the session."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_used
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.signals import sent
from ..helpers.steps import (
    SignedIn,
    answer,
    ask,
    copy,
    csrf_secret,
    enrol,
    is_signed_in,
    lose_password,
    outcome,
)


def session_key(client: Client) -> str:
    """Return the key of a browser's session."""
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def is_verified(client: Client) -> bool:
    """Say whether django-otp calls the user of this browser verified."""
    request = client.get("/passkeys/", secure=True).wsgi_request
    return bool(request.user.is_authenticated and request.user.is_verified())  # type: ignore[attr-defined]


def test_signs_in(passkey: Passkey, authenticator: Authenticator) -> None:
    """The owner is signed in, once, verified, by the passkey's backend (step 25)."""
    client, began = Client(), timezone.now()
    with sent(user_logged_in) as logged_in:
        response = sign_in(client, authenticator)
    assert response.status_code == 200
    assert response.json() == {"redirect_url": "/"}
    assert [call["user"] for call in logged_in] == [passkey.user]
    assert client.session[SESSION_KEY] == str(passkey.user_id)
    assert client.session["_auth_user_backend"] == "otp_passkeys.backends.PasskeyBackend"
    assert client.session[DEVICE_ID_SESSION_KEY] == passkey.persistent_id
    assert is_verified(client)
    last_login = User.objects.get().last_login
    assert last_login is not None
    assert began <= last_login <= timezone.now()


@pytest.mark.parametrize("verified", [True, False])
def test_possession_alone_is_one_factor(settings: Any, verified: bool, browser: Client) -> None:
    """Without verification a site may sign in, but the session is not verified (T23)."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    authenticator = Authenticator(user_verified=verified)
    enrol(browser, authenticator)
    client = Client()
    assert ask(client, "authenticate-options")["userVerification"] == "preferred"
    assert outcome(sign_in(client, authenticator)) == "200"
    assert is_signed_in(client)
    assert is_verified(client) is verified


@pytest.mark.server_sessions
def test_starts_a_new_session(passkey: Passkey, authenticator: Authenticator) -> None:
    """The session that was there before is dead, and its data came along (T16)."""
    client = Client()
    session = client.session
    session["basket"] = "apples"
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key or ""
    planted, secret = copy(client), csrf_secret(client)
    key = session_key(client)
    options = ask(client, "authenticate-options")
    secret = csrf_secret(client)
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"
    assert session_key(client) != key
    assert client.session["basket"] == "apples"
    assert csrf_secret(client)[-32:] != secret[-32:]
    assert is_signed_in(client)
    assert not is_signed_in(planted)
    assert "basket" not in planted.session


@pytest.mark.server_sessions
def test_confirms(passkey: Passkey, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """A confirmation keeps the user, changes the session key and verifies the session (T16)."""
    client = signed_in(passkey.user, verified=False)
    before, key = copy(client), session_key(client)
    assert not is_verified(client)
    with sent(user_logged_in) as logged_in, sent(passkey_used) as used:
        assert outcome(sign_in(client, authenticator)) == "200"
    assert session_key(client) != key
    assert is_verified(client)
    assert not is_signed_in(before)
    assert logged_in == []
    assert [call["purpose"] for call in used] in ([], ["confirm"])  # sent after the commit
    assert client.session["_auth_user_backend"] == "django.contrib.auth.backends.ModelBackend"


def test_confirms_after_a_password_without_verification(
    passkey: Passkey, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """After a password, possession is the second factor (T23)."""
    client = signed_in(passkey.user)
    assert ask(client, "authenticate-options")["userVerification"] == "preferred"
    assert outcome(sign_in(client, authenticator, user_verified=False)) == "200"
    assert is_verified(client)


@pytest.mark.server_sessions
@pytest.mark.parametrize("preference", ["required", "preferred"])
def test_confirms_a_passkey_session_only_verified(
    passkey: Passkey, authenticator: Authenticator, settings: Any, preference: str
) -> None:
    """A session that a passkey alone opened must not be confirmed by possession again (T23)."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = preference
    client = Client()
    assert outcome(sign_in(client, authenticator)) == "200"
    session = client.session
    del session[DEVICE_ID_SESSION_KEY]
    session.save()
    assert ask(client, "authenticate-options")["userVerification"] == "required"
    refused = sign_in(client, authenticator, user_verified=False, force=True)
    assert outcome(refused) == "verification_failed"
    assert not is_verified(client)
    assert is_signed_in(client)
    assert outcome(sign_in(client, authenticator)) == "200"
    assert is_verified(client)


def test_shows_which_passkey_is_current(alice: User, signed_in: SignedIn) -> None:
    """The passkey that opened this session is marked, in this session only (DESIGN.md, JSON)."""
    devices = [Authenticator(), Authenticator()]
    for device in devices:
        enrol(signed_in(alice), device)
    client = Client()
    sign_in(client, devices[1])
    for browser, expected in (
        (client, [False, True]),
        (signed_in(alice, verified=False), [False, False]),
    ):
        rows = browser.get("/passkeys/", headers={"Accept": "application/json"}).json()["passkeys"]
        assert [each["current"] for each in rows] == expected


def test_signs_in_again_after_signing_out(passkey: Passkey, authenticator: Authenticator) -> None:
    """A challenge of the session before does not fit the one after (T5)."""
    client = Client()
    stale = authenticator.get(ask(client, "authenticate-options"))
    assert outcome(sign_in(client, authenticator)) == "200"
    assert outcome(answer(client, "authenticate", stale)) == "challenge_invalid"
    client.logout()
    assert outcome(sign_in(client, authenticator)) == "200"


@pytest.mark.parametrize(
    "backends",
    [
        ["otp_passkeys.backends.PasskeyBackend"],
        ["otp_passkeys.backends.PasskeyBackend", "django.contrib.auth.backends.ModelBackend"],
        [
            "django.contrib.auth.backends.RemoteUserBackend",
            "django.contrib.auth.backends.AllowAllUsersModelBackend",
            "otp_passkeys.backends.PasskeyBackend",
        ],
    ],
)
def test_signs_in_beside_other_backends(
    passkey: Passkey, authenticator: Authenticator, settings: Any, backends: list[str]
) -> None:
    """Any number of backends may be configured, in any order (issue 2)."""
    settings.AUTHENTICATION_BACKENDS = backends
    client = Client()
    assert outcome(sign_in(client, authenticator)) == "200"
    assert is_verified(client)


@pytest.mark.parametrize("signed", [True, False])
def test_signs_in_where_every_page_asks_for_it(
    passkey: Passkey, authenticator: Authenticator, signed_in: SignedIn, settings: Any, signed: bool
) -> None:
    """With Django's LoginRequiredMiddleware visitors still sign in, and JSON is still a 401."""
    required = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, required]
    client = signed_in(passkey.user) if signed else Client()
    listed = client.get("/passkeys/", headers={"Accept": "application/json"})
    assert listed.status_code == (200 if signed else 401)
    assert outcome(sign_in(client, authenticator)) == "200"


def test_the_ready_page_needs_no_session(alice: User, settings: Any) -> None:
    """With Django's LoginRequiredMiddleware it is shown to visitors, and takes their passwords."""
    required = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, required]
    client = Client()
    assert client.get("/passkeys/sign-in/").status_code == 200
    credentials = {"username": "alice", "password": PASSWORD}
    assert client.post("/passkeys/sign-in/", credentials).headers["Location"] == "/"


def test_signs_in_without_a_password(
    alice: User, authenticator: Authenticator, browser: Client
) -> None:
    """A user with an unusable password signs in with a passkey."""
    enrol(browser, authenticator)
    lose_password(alice)
    assert outcome(sign_in(Client(), authenticator)) == "200"


def test_signs_in_with_a_password_on_the_ready_page(alice: User) -> None:
    """The ready page takes a password too, and wrong ones not."""
    client = Client()
    credentials = {"username": "alice", "password": "wrong", "next": "/passkeys/"}
    assert client.post("/passkeys/sign-in/", credentials).status_code == 200
    response = client.post("/passkeys/sign-in/", {**credentials, "password": PASSWORD})
    assert response.headers["Location"] == "/passkeys/"
    assert is_signed_in(client)
    assert register(client, Authenticator(origin="http://localhost")).status_code == 201
