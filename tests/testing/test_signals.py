"""The signals, as the software authenticator applies them to itself."""

from typing import Any

import pytest

from otp_passkeys.testing import Authenticator, to_base64url

from .options import ALICE, BOB, RP_ID, enrol


@pytest.fixture
def authenticator() -> Authenticator:
    """Return an empty authenticator."""
    return Authenticator()


def test_signal_all_accepted_credentials(authenticator: Authenticator) -> None:
    """What the list omits is gone, of this user at this RP only; `[]` removes all."""
    bob, alice = enrol(authenticator, BOB), enrol(authenticator)
    details = {"rpId": RP_ID, "userId": to_base64url(ALICE)}
    accepted = [alice.id_base64url, to_base64url(b"superset")]
    authenticator.signal_all_accepted_credentials({**details, "allAcceptedCredentialIds": accepted})
    authenticator.signal_all_accepted_credentials(
        {**details, "rpId": "elsewhere", "allAcceptedCredentialIds": []}
    )
    assert authenticator.credentials == [bob, alice]
    authenticator.signal_all_accepted_credentials({**details, "allAcceptedCredentialIds": []})
    assert authenticator.credentials == [bob]


def test_signal_current_user_details(authenticator: Authenticator) -> None:
    """Both names change on every passkey of the user, and on no other's."""
    bob, alice = enrol(authenticator, BOB), enrol(authenticator)
    authenticator.signal_current_user_details(
        {"rpId": RP_ID, "userId": to_base64url(ALICE), "name": "alice2", "displayName": ""}
    )
    assert (alice.user_name, alice.user_display_name) == ("alice2", "")
    assert (bob.user_name, bob.user_display_name) == ("alice", "Alice")


def test_signal_unknown_credential(authenticator: Authenticator) -> None:
    """The one passkey named is gone, at the RP named."""
    bob, alice = enrol(authenticator, BOB), enrol(authenticator)
    for rp_id in ("elsewhere", RP_ID):
        assert alice in authenticator.credentials
        authenticator.signal_unknown_credential({"rpId": rp_id, "credentialId": alice.id_base64url})
    assert authenticator.credentials == [bob]


HANDLE = to_base64url(ALICE)


@pytest.mark.parametrize(
    ("signal", "options"),
    [
        ("all_accepted_credentials", {"userId": HANDLE, "allAcceptedCredentialIds": []}),
        ("all_accepted_credentials", {"rpId": RP_ID, "allAcceptedCredentialIds": []}),
        ("all_accepted_credentials", {"rpId": RP_ID, "userId": HANDLE}),
        (
            "all_accepted_credentials",
            {"rpId": RP_ID, "userId": HANDLE + "==", "allAcceptedCredentialIds": []},
        ),
        (
            "all_accepted_credentials",
            {"rpId": RP_ID, "userId": HANDLE, "allAcceptedCredentialIds": ["YQ=="]},
        ),
        (
            "all_accepted_credentials",
            {"rpId": RP_ID, "userId": HANDLE, "allAcceptedCredentialIds": [b"aaaa"]},
        ),
        (
            "all_accepted_credentials",
            {"rpId": RP_ID, "userId": HANDLE, "allAcceptedCredentialIds": "AAAA"},
        ),
        ("current_user_details", {"rpId": RP_ID, "userId": HANDLE, "name": "x"}),
        ("current_user_details", {"rpId": RP_ID, "userId": HANDLE, "displayName": "x"}),
        ("current_user_details", {"rpId": RP_ID, "userId": 1, "name": "x", "displayName": "x"}),
        ("unknown_credential", {"rpId": RP_ID, "credentialId": "a+b/"}),
        ("unknown_credential", {"rpId": RP_ID, "credentialId": ALICE}),
        ("unknown_credential", {"credentialId": "AAAA"}),
    ],
)
def test_malformed_signals(
    signal: str, options: dict[str, Any], authenticator: Authenticator
) -> None:
    """A signal with padding, `+`, `/`, buffers or without a member throws, and does nothing."""
    alice = enrol(authenticator)
    with pytest.raises(TypeError):
        getattr(authenticator, f"signal_{signal}")(options)
    assert authenticator.credentials == [alice]
    assert alice.user_name == "alice"
