"""Browsers are told to forget a passkey only where no account has it, and where that is safe."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ...helpers.steps import SignedIn, enrol, is_signed_in, outcome


@pytest.fixture
def former(db: None, alice: User, signed_in: SignedIn, authenticator: Authenticator) -> str:
    """Return the ID of a passkey that the browser has and the site no longer."""
    passkey = enrol(signed_in(alice), authenticator)
    passkey.delete()
    return passkey.id_base64url


def test_tells_the_browser(former: str, authenticator: Authenticator) -> None:
    """No account has this ID: a 404 of its own code, which says what to forget (S0.14, S1.3)."""
    client = Client()
    response = sign_in(client, authenticator)
    assert response.status_code == 404
    assert response.json() == {
        "code": "credential_not_found",
        "detail": "This passkey isn’t linked to an account here any more. "
        "Choose another passkey, or another way to sign in.",
        "signal": {"rpId": "testserver", "credentialId": former},
    }
    assert not is_signed_in(client)
    authenticator.signal_unknown_credential(response.json()["signal"])
    assert authenticator.credentials == []


def test_tells_a_user_too(former: str, authenticator: Authenticator, browser: Client) -> None:
    """Confirming with a passkey that is gone has the same answer (S0.14)."""
    response = sign_in(browser, authenticator, credential=authenticator.credentials[0], force=True)
    assert response.json()["signal"]["credentialId"] == former


@pytest.mark.parametrize(
    ("rp_id", "setting", "told"),
    [
        ("login.example.com", None, True),
        ("login.example.com", False, False),
        ("login.example.com", True, True),
        ("example.com", None, False),
        ("example.com", False, False),
        ("example.com", True, False),
    ],
)
def test_spares_the_passkeys_of_other_hosts(
    db: None, settings: Any, rp_id: str, setting: bool | None, told: bool
) -> None:
    """Off where the RP ID is a parent domain, whatever the setting says (S0.14)."""
    settings.ALLOWED_HOSTS = ["login.example.com"]
    settings.OTP_PASSKEYS_RP_ID = rp_id
    settings.OTP_PASSKEYS_SIGNALS = setting
    authenticator = Authenticator(origin="https://login.example.com")
    user = {"id": "AAAA", "name": "alice", "displayName": "Alice"}
    parameters = [{"type": "public-key", "alg": -7}]
    authenticator.create(
        {
            "rp": {"id": rp_id},
            "user": user,
            "challenge": "AAAA",
            "pubKeyCredParams": parameters,
            "authenticatorSelection": {"residentKey": "required"},
        }
    )
    response = sign_in(Client(), authenticator)
    assert outcome(response) == "credential_not_found"
    signal = {"rpId": rp_id, "credentialId": authenticator.credentials[0].id_base64url}
    assert response.json().get("signal") == (signal if told else None)


@pytest.mark.parametrize("owner", ["alice", "eve"])
@pytest.mark.parametrize("setting", [None, True])
def test_never_tells_while_a_row_is_there(
    alice: User, eve: User, signed_in: SignedIn, settings: Any, owner: str, setting: bool | None
) -> None:
    """Disabled, inactive, another's, badly signed: never "unknown" (S1.3, T19)."""
    settings.OTP_PASSKEYS_SIGNALS = setting
    authenticator = Authenticator()
    enrol(signed_in(alice if owner == "alice" else eve), authenticator)
    client = signed_in(eve)
    picked: dict[str, Any] = {"credential": authenticator.credentials[0], "force": True}
    responses = [
        sign_in(Client(), authenticator, user_verified=False, force=True),
        sign_in(Client(), authenticator, user_handle=b"1"),
        sign_in(Client(), authenticator, challenge="AAAA"),
        sign_in(client, authenticator, origin="https://testserver", rp_id="x", **picked),
    ]
    Passkey.objects.update(confirmed=False)
    responses.append(sign_in(Client(), authenticator))
    Passkey.objects.update(confirmed=True)
    User.objects.update(is_active=False)
    responses.append(sign_in(Client(), authenticator))
    for response in responses:
        assert response.status_code in (400, 403, 422)
        assert "signal" not in response.json()
