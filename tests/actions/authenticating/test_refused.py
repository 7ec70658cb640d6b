"""An assertion that is refused signs in nobody, writes nothing, and says no more than it may."""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.signals import passkey_refused, passkey_used
from otp_passkeys.testing import Authenticator, from_base64url, sign_in, to_base64url

from ...helpers.signals import sent
from ...helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, outcome


def state() -> list[object]:
    """Return all that a sign-in might change."""
    return [list(model.objects.order_by("pk").values()) for model in (Passkey, User)]


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ({"user_verified": False}, "verification_failed"),
        ({"user_present": False}, "verification_failed"),
        ({"origin": "https://evil.example"}, "verification_failed"),
        ({"rp_id": "evil.example"}, "verification_failed"),
        ({"cross_origin": True}, "verification_failed"),
        ({"top_origin": "https://testserver"}, "verification_failed"),
        ({"client_data": {"type": "webauthn.create"}}, "verification_failed"),
        ({"backup_eligible": False, "backup_state": False}, "verification_failed"),
        ({"backup_eligible": False, "backup_state": True}, "verification_failed"),
        ({"omit_user_handle": True}, "verification_failed"),
        ({"user_handle": b""}, "verification_failed"),
        ({"user_handle": bytes(64)}, "credential_user_mismatch"),
        ({"user_handle": b"1"}, "credential_user_mismatch"),
    ],
)
def test_refuses_what_does_not_verify(
    passkey: Passkey,
    authenticator: Authenticator,
    behaviour: dict[str, Any],
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each hole of the library is closed: no session, no write, no signal (the nine, 2 to 5)."""
    before, client = state(), Client()
    options = ask(client, "authenticate-options")
    assertion = authenticator.get(options, force=True, **behaviour)
    with (
        sent(passkey_refused) as refused,
        sent(passkey_used) as used,
        caplog.at_level(logging.DEBUG, "otp_passkeys"),
    ):
        response = answer(client, "authenticate", assertion)
    assert response.status_code == (422 if code == "verification_failed" else 403)
    assert response.json().keys() == {"code", "detail"}
    assert outcome(response) == code
    assert not is_signed_in(client)
    assert state() == before
    assert [call["error"].code for call in refused] == [code]
    assert used == []
    assert f"Refused an answer: {code}" in caplog.text
    for secret in (options["challenge"], assertion["id"]):
        assert secret not in caplog.text
    # An origin is named, quoted; what else has that name is not.
    assert caplog.text.count("evil") == caplog.text.count("origin 'https://evil.example'")


def test_refuses_the_id_alone(passkey: Passkey, eve: User, signed_in: SignedIn) -> None:
    """Alice's ID and handle under eve's signature are worth nothing (T8)."""
    hers = Authenticator()
    enrol(signed_in(eve), hers)
    client = Client()
    stolen = {"id": passkey.id_base64url, "rawId": passkey.id_base64url}
    handle = bytes(UserHandle.objects.get(user=passkey.user).handle)
    for changed in (stolen, {"id": stolen["id"]}, {"rawId": stolen["id"]}):
        assertion = hers.get(ask(client, "authenticate-options"), user_handle=handle)
        response = answer(client, "authenticate", {**assertion, **changed})
        assert outcome(response) == "verification_failed"
    # Her own ID under alice's handle.
    assertion = hers.get(ask(client, "authenticate-options"), user_handle=handle)
    assert outcome(answer(client, "authenticate", assertion)) == "credential_user_mismatch"
    assert not is_signed_in(client)


@pytest.mark.parametrize("omit", [True, False])
def test_refuses_the_passkey_of_another_user(
    passkey: Passkey, bob: User, signed_in: SignedIn, authenticator: Authenticator, omit: bool
) -> None:
    """Bob, signed in, with alice's passkey stays bob; nothing is to be forgotten (T22, S1.3)."""
    client = signed_in(bob)
    enrol(client, Authenticator())
    before, session = state(), dict(client.session)
    with sent(passkey_refused) as refused:
        response = sign_in(
            client,
            authenticator,
            credential=authenticator.credentials[0],
            force=True,
            omit_user_handle=omit,
        )
    assert response.status_code == 403
    assert response.json() == {
        "code": "credential_user_mismatch",
        "detail": "That passkey belongs to a different account. Choose one of this account, or another way.",
    }
    assert state() == before
    assert dict(client.session) == session
    assert refused[0]["user"] == passkey.user


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ("passkey deleted", 404, "credential_not_found"),
        ("user deleted", 404, "credential_not_found"),
        ("passkey disabled", 403, "credential_disabled"),
        ("user deactivated", 403, "credential_disabled"),
    ],
)
@pytest.mark.parametrize("between", [True, False])
def test_refuses_what_was_switched_off(
    passkey: Passkey,
    authenticator: Authenticator,
    change: str,
    status: int,
    code: str,
    between: bool,
) -> None:
    """Off before, or between begin and finish: refused, nothing written (T11, T19, T21)."""
    client = Client()
    if between:
        options = ask(client, "authenticate-options")
    if change == "passkey deleted":
        passkey.delete()
    elif change == "user deleted":
        passkey.user.delete()
    elif change == "passkey disabled":
        Passkey.objects.update(confirmed=False)
    else:
        User.objects.update(is_active=False)
    if not between:
        options = ask(client, "authenticate-options")
    before = state()
    assertion = authenticator.get(options, backup_state=False)
    response = answer(client, "authenticate", assertion)
    assert response.status_code == status
    assert outcome(response) == code
    assert ("signal" in response.json()) == (code == "credential_not_found")
    assert state() == before
    assert not is_signed_in(client)


@pytest.mark.usefixtures("passkey")
def test_tells_only_the_owner_that_a_passkey_is_disabled(authenticator: Authenticator) -> None:
    """Who cannot sign learns nothing about a passkey from its ID (T19)."""
    Passkey.objects.update(confirmed=False)
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    assertion["response"]["signature"] = to_base64url(b"\x30\x00")
    assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"


def test_refuses_a_confirmation_of_who_was_switched_off(
    passkey: Passkey, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """A session of an account that is off confirms nothing (T21)."""
    client = signed_in(passkey.user)
    options = ask(client, "authenticate-options")
    User.objects.update(is_active=False)
    response = answer(client, "authenticate", authenticator.get(options))
    assert response.status_code in (400, 401, 403)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "public_key", [b"", b"\x00", b"garbage", b"\xa0", b"\xa2\x01\x02\x03\x26", b"\x04" * 65]
)
@pytest.mark.usefixtures("passkey")
def test_survives_a_bad_stored_key(authenticator: Authenticator, public_key: bytes) -> None:
    """A key that cannot be loaded makes sign-ins fail, never crash (steps 20 and 21)."""
    Passkey.objects.update(public_key=public_key)
    assert outcome(sign_in(Client(), authenticator)) == "verification_failed"


def test_survives_a_missing_handle(passkey: Passkey, authenticator: Authenticator) -> None:
    """A user without a stored handle has none to match (step 6)."""
    UserHandle.objects.all().delete()
    assert outcome(sign_in(Client(), authenticator)) == "credential_user_mismatch"


def test_compares_the_whole_id(passkey: Passkey, authenticator: Authenticator) -> None:
    """The short key finds a row, the full ID decides (DESIGN.md, data)."""
    Passkey.objects.update(credential_id=from_base64url("AAAA"))
    assert outcome(sign_in(Client(), authenticator)) == "credential_not_found"
