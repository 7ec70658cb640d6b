"""Ceremonies without a site: what is asked, answered and verified in one process."""

import dataclasses
import secrets
from typing import Any

from otp_passkeys import ceremonies
from otp_passkeys.ceremonies import NewCredential, UsedCredential
from otp_passkeys.credentials import read_credential
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import Authenticator, to_base64url

PARTY = RelyingParty("testserver", "Test", ("https://testserver",))
FRAMED = dataclasses.replace(PARTY, top_origins=("https://portal.example",))
CHALLENGE = secrets.token_bytes(75)

# How an authenticator behaves whose answer is refused, whether it registers or authenticates.
ALWAYS_REFUSED: list[dict[str, Any]] = [
    {"client_data": {"type": "payment.get"}},
    {"challenge": to_base64url(bytes(75))},
    {"origin": "https://evil.example"},
    {"origin": "https://sub.testserver"},
    {"origin": "http://testserver"},
    {"origin": "https://testserver:8443"},
    {"client_data": {"origin": ["https://testserver"]}},
    {"cross_origin": True},
    {"cross_origin": True, "top_origin": "https://portal.example"},
    {"top_origin": "https://portal.example"},
    {"client_data": {"crossOrigin": "false"}},
    {"client_data": {"crossOrigin": None}},
    {"rp_id": "evil.example"},
    {"user_present": False},
    {"user_verified": False},
    {"backup_eligible": False, "backup_state": True},
]


def ask_to_create(**arguments: Any) -> dict[str, Any]:
    """Return what the browser is asked."""
    return ceremonies.registration_options(
        **{
            "relying_party": PARTY, "user_handle": bytes(64), "name": "alice",
            "display_name": "Alice Archer", "challenge": CHALLENGE, "exclude": [],
            "user_verification": "required", **arguments,
        }
    )  # fmt: skip


def verify_created(credential: dict[str, Any], **arguments: Any) -> NewCredential:
    """Verify an answer to what was asked."""
    return ceremonies.verify_registration(
        read_credential(credential),
        **{
            "challenge": CHALLENGE,
            "relying_party": PARTY,
            "requires_user_presence": True,
            "requires_user_verification": True,
            **arguments,
        },
    )


def create(**behaviour: Any) -> dict[str, Any]:
    """Make a passkey as told, honest or not."""
    return Authenticator().create(ask_to_create(), force=True, **behaviour)


class Holder:
    """An authenticator with one passkey, and what a site has stored of it."""

    def __init__(self, **behaviour: Any) -> None:
        self.authenticator = Authenticator()
        credential = self.authenticator.create(ask_to_create(), force=True, **behaviour)
        self.stored = verify_created(credential)

    def get(self, **behaviour: Any) -> dict[str, Any]:
        """Sign, honest or not."""
        options = ceremonies.authentication_options(
            relying_party=PARTY, challenge=CHALLENGE, allow=[], user_verification="required"
        )
        return self.authenticator.get(options, **{"force": True, **behaviour})

    def verify(self, credential: dict[str, Any], **arguments: Any) -> UsedCredential:
        """Verify an assertion against what was stored."""
        return ceremonies.verify_authentication(
            read_credential(credential),
            **{
                "challenge": CHALLENGE,
                "relying_party": PARTY,
                "public_key": self.stored.public_key,
                "backup_eligible": self.stored.backup_eligible,
                "user_handles": {bytes(64)},
                "requires_user_handle": True,
                "requires_user_verification": True,
                **arguments,
            },
        )
