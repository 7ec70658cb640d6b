"""A touch says nothing about who touched (T23): it is a second factor beside a proof that was just given."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import SECOND_FACTOR, asks, give, grow_old, is_verified, stored
from ..helpers.steps import SignedIn, answer, ask, enrol, outcome, post

pytestmark = pytest.mark.urls("tests.reauthentication.urls")


class Vouching:
    """A site's own backend, which knows the user by something else in the request and asks nobody for a passkey."""

    def authenticate(self, request: Any, **credentials: Any) -> User:
        return User.objects.get(username="alice")

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id).first()


@pytest.mark.parametrize(
    ("policy", "by_passkey", "old", "wish", "asked"),
    [
        ("required", False, False, None, "preferred"),
        ("required", False, True, None, "required"),
        ("required", False, True, "preferred", "required"),
        ("required", True, False, None, "required"),
        ("required", True, True, None, "required"),
        ("required", False, False, "required", "required"),
        ("required", True, False, "discouraged", "required"),
        ("always", False, False, None, "required"),
        ("preferred", False, False, None, "preferred"),
        ("preferred", False, True, None, "required"),
        ("preferred", False, False, "required", "required"),
    ],
)
def test_verification(
    passkey: Passkey,
    authenticator: Authenticator,
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    policy: str,
    by_passkey: bool,
    old: bool,
    wish: str | None,
    asked: str,
) -> None:
    """S4.6, T23: what policy, session or page ask for is asked, and the server checks the flag."""
    client = Client() if by_passkey else signed_in(alice, verified=False)
    if by_passkey:
        sign_in(client, authenticator)
    settings.OTP_PASSKEYS_USER_VERIFICATION = policy
    if old:
        grow_old(client)
    before = stored(client)
    options = post(client, "authenticate-options", {"verification": wish} if wish else {}).json()
    assert options["userVerification"] == asked
    assertion = authenticator.get(options, force=True, user_verified=False)
    refused = asked == "required"
    assert outcome(answer(client, "authenticate", assertion)) == (
        "verification_failed" if refused else "200"
    )
    assert stored(client) == before
    assert is_verified(client) is (by_passkey or not refused)


@pytest.mark.usefixtures("passkey")
def test_browser_left_open(authenticator: Authenticator, alice: User, signed_in: SignedIn) -> None:
    """T23: who touches the key that is plugged in confirms nothing, is not verified, and plants no passkey."""
    client = signed_in(alice, verified=False)
    grow_old(client)
    response = sign_in(client, authenticator, user_verified=False, force=True)
    assert outcome(response) == "verification_failed"
    assert not is_verified(client)
    assert outcome(register(client, Authenticator())) == "reauthentication_required"
    assert client.get("/act/").status_code == 302


def test_marker_is_not_renewed(
    passkey: Passkey, authenticator: Authenticator, alice: User, signed_in: SignedIn
) -> None:
    """T23: beside a recent password a touch verifies the session, and the proof stays as old as the password is."""
    client = signed_in(alice, verified=False)
    grow_old(client, 500)
    before = stored(client)
    assert sign_in(client, authenticator, user_verified=False).status_code == 200
    assert is_verified(client)
    assert stored(client) == before
    grow_old(client, 105)
    assert outcome(register(client, Authenticator())) == "reauthentication_required"


def test_proof_ends_meanwhile(
    passkey: Passkey, authenticator: Authenticator, alice: User, signed_in: SignedIn
) -> None:
    """T23: a challenge that let a touch do is answered in vain in a session whose proof was older than that."""
    fresh = signed_in(alice, verified=False)
    options = ask(fresh, "authenticate-options")
    assert options["userVerification"] == "preferred"
    left_open = signed_in(alice, verified=False)
    grow_old(left_open)
    fresh.cookies["sessionid"] = left_open.cookies["sessionid"].value
    assertion = authenticator.get(options, user_verified=False)
    assert outcome(answer(fresh, "authenticate", assertion)) == "verification_failed"
    assert not is_verified(fresh)


def test_proof_of_a_passkey_that_is_gone(
    passkey: Passkey, authenticator: Authenticator, browser: Client
) -> None:
    """P15, T23: nor does a touch do beside what a passkey proved that was deleted since."""
    client, other = browser, Authenticator()
    stolen = enrol(client, other)
    assert sign_in(client, other).status_code == 200
    options = ask(client, "authenticate-options")
    stolen.delete()
    assert ask(client, "authenticate-options")["userVerification"] == "required"
    assertion = authenticator.get(options, user_verified=False, force=True)
    assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"


def test_second_step_of_a_passkey_session(
    authenticator: Authenticator, settings: Any, browser: Client
) -> None:
    """T23: a session that a touch opened, where a site allows it, is verified by no second touch."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    enrol(browser, authenticator, user_verified=False)
    client = Client()
    assert sign_in(client, authenticator, user_verified=False).status_code == 200
    assert ask(client, "authenticate-options")["userVerification"] == "required"
    page = client.get(asks(SECOND_FACTOR, "/second-factor/"))
    assert 'type="password"' in page.content.decode()
    give(client, page=asks(SECOND_FACTOR, "/second-factor/"), password=PASSWORD)
    assert sign_in(client, authenticator, user_verified=False).status_code == 200
    assert client.get("/second-factor/").status_code == 200


def test_two_touches(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """T23: a touch that signed in and a touch that confirms are one factor, also where another backend vouched."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Vouching", *settings.AUTHENTICATION_BACKENDS]
    client = Client()
    assert sign_in(client, authenticator, user_verified=False).status_code == 200
    assert client.session["_auth_user_backend"] == f"{__name__}.Vouching"
    response = sign_in(client, authenticator, user_verified=False, force=True)
    assert outcome(response) == "verification_failed"
    assert not is_verified(client)
    assert sign_in(client, authenticator).status_code == 200
    assert is_verified(client)
