"""A registration that is refused leaves everything as it was."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.forms import model_to_dict
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_refused, passkey_registered
from otp_passkeys.testing import (
    Authenticator,
    Overrides,
    from_base64url,
    register,
    sign_in,
    to_base64url,
)

from ...helpers.signals import sent
from ...helpers.steps import SignedIn, answer, ask, enrol, outcome, post


def row(passkey: Passkey) -> dict[str, Any]:
    """Return all that is stored of a passkey."""
    return Passkey.objects.filter(pk=passkey.pk).values().get()


@pytest.mark.parametrize("victim", ["alice", "eve"])
def test_refuses_an_id_that_is_taken(
    alice: User, eve: User, signed_in: SignedIn, authenticator: Authenticator, victim: str
) -> None:
    """An ID that anyone has registered is a clean 409, the row untouched (S3.6, T9)."""
    owner = alice if victim == "alice" else eve
    passkey = enrol(signed_in(owner), authenticator, nickname="Mine")
    before = row(passkey)
    stolen: Overrides = {"credential_id": authenticator.credentials[0].id, "force": True}
    with sent(passkey_refused) as refused, sent(passkey_registered) as registered:
        response = register(signed_in(eve), Authenticator(), nickname="Hers", **stolen)
    assert response.status_code == 409
    assert outcome(response) == "credential_already_registered"
    assert row(passkey) == before
    assert Passkey.objects.count() == 1
    assert [call["error"].code for call in refused] == ["credential_already_registered"]
    assert registered == []
    assert sign_in(Client(), authenticator).status_code == 200


def test_refuses_the_same_registration_twice(authenticator: Authenticator, browser: Client) -> None:
    """The same registration posted twice makes one row (S3.7, T1)."""
    registration = authenticator.create(ask(browser, "register-options"))
    outcomes = [outcome(answer(browser, "register", registration)) for _ in range(2)]
    assert outcomes == ["201", "challenge_spent"]
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("name", ["register-options", "register"])
def test_refuses_a_visitor(
    alice: User, authenticator: Authenticator, name: str, browser: Client
) -> None:
    """Nobody registers who is not signed in, whatever they send (S1.12)."""
    registration = authenticator.create(ask(browser, "register-options"))
    response = post(Client(), name, {"credential": registration, "user": alice.pk})
    assert response.status_code == 401
    assert outcome(response) == "not_authenticated"
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("change", ["deactivated", "deleted", "signed out"])
def test_refuses_a_user_who_went(
    alice: User, authenticator: Authenticator, change: str, browser: Client
) -> None:
    """An account that was switched off or deleted meanwhile gets no passkey (T11, T21)."""
    registration = authenticator.create(ask(browser, "register-options"))
    if change == "deactivated":
        User.objects.update(is_active=False)
    elif change == "deleted":
        alice.delete()
    else:
        browser.logout()
    response = answer(browser, "register", registration)
    assert response.status_code == 401
    assert not Passkey.objects.exists()


def test_refuses_an_inactive_user_whom_a_backend_lets_in(
    alice: User, signed_in: SignedIn, settings: Any
) -> None:
    """An inactive user adds nothing, even where a backend keeps them signed in (T21)."""
    lenient = "django.contrib.auth.backends.AllowAllUsersModelBackend"
    settings.AUTHENTICATION_BACKENDS = [lenient, *settings.AUTHENTICATION_BACKENDS]
    client = Client()
    client.force_login(alice, backend=lenient)
    assert ask(client, "register-options")
    User.objects.update(is_active=False)
    for name in ("register-options", "register", "authenticate-options"):
        assert outcome(post(client, name)) == "not_authenticated"


def test_refuses_another_account(eve: User, authenticator: Authenticator, browser: Client) -> None:
    """What alice began eve cannot finish into her account, nor the reverse (step 29)."""
    registration = authenticator.create(ask(browser, "register-options"))
    browser.force_login(eve)
    assert outcome(answer(browser, "register", registration)) == "challenge_invalid"
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    "behaviour",
    [
        {"user_verified": False},
        {"user_present": False},
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"cross_origin": True},
        {"top_origin": "https://testserver"},
        {"client_data": {"type": "webauthn.get"}},
        {"backup_eligible": False, "backup_state": True},
        {"credential_id_length": 1024},
        {"credential_id": b""},
        {"public_key": b"\xa0"},
        {"public_key": b"\x00"},
    ],
)
def test_refuses_what_does_not_verify(
    authenticator: Authenticator,
    behaviour: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    browser: Client,
) -> None:
    """A refusal is a 422, makes no row, is announced, and logs neither challenge, handle nor ID (the nine; T24)."""
    options = ask(browser, "register-options")
    registration = authenticator.create(options, force=True, **behaviour)
    with sent(passkey_refused) as refused, caplog.at_level(logging.DEBUG, "otp_passkeys"):
        response = answer(browser, "register", registration)
    assert response.status_code == 422
    assert response.json() == {
        "code": "verification_failed",
        "detail": "The passkey could not be verified. Try again or choose another way.",
    }
    assert not Passkey.objects.exists()
    (call,) = refused
    assert call["error"].code == "verification_failed"
    assert (call["sender"], call["passkey"]) == (Passkey, None)
    assert "Refused an answer: verification_failed" in caplog.text
    for secret in (options["challenge"], options["user"]["id"], registration["id"]):
        assert not secret or secret not in caplog.text
    # An origin is named, quoted; what else has that name is not.
    assert caplog.text.count("evil") == caplog.text.count("origin 'https://evil.example'")


def test_takes_no_policy_from_the_request(
    alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """Challenge, origin and options that the client sends beside are not heard (T7)."""
    wishes = {
        "challenge": to_base64url(bytes(75)),
        "expected_challenge": to_base64url(bytes(75)),
        "origin": "https://evil.example",
        "user_verification": "discouraged",
        "userVerification": "discouraged",
        "require_user_verification": False,
        "rp": {"id": "evil.example"},
        "timeout": 1,
    }
    client = signed_in(alice)
    options = post(client, "register-options", wishes).json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["rp"]["id"] == "testserver"
    assert len(from_base64url(options["challenge"])) == 75
    assert options["challenge"] != wishes["challenge"]
    for behaviour in (
        {"user_verified": False},
        {"origin": "https://evil.example"},
        {"challenge": to_base64url(bytes(75))},
    ):
        asked = ask(client, "register-options")
        registration = authenticator.create(asked, force=True, **behaviour)
        response = post(client, "register", {**wishes, "credential": registration})
        assert response.status_code in (400, 422)
    assert not Passkey.objects.exists()


def test_leaves_the_other_passkeys_alone(browser: Client) -> None:
    """A refusal changes nothing of the passkeys that were there."""
    passkey = enrol(browser, Authenticator())
    before = model_to_dict(passkey)
    assert register(browser, Authenticator(), user_verified=False, force=True).status_code == 422
    passkey.refresh_from_db()
    assert model_to_dict(passkey) == before
