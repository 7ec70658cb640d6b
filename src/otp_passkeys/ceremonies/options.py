"""What the browser is asked (WebAuthn L3 §5.4 and §5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..encoding import to_base64url
from .keys import algorithms

if TYPE_CHECKING:
    from ..relying_party import RelyingParty

TIMEOUT = 300_000  # milliseconds; WebAuthn L3 §15.1 recommends 300 000 to 600 000

Descriptor = tuple[bytes, list[str]]  # a credential ID and its transports


def registration_options(
    *,
    relying_party: RelyingParty,
    user_handle: bytes,
    name: str,
    display_name: str,
    challenge: bytes,
    exclude: Iterable[Descriptor],
    user_verification: str,
) -> dict[str, Any]:
    """Return ``PublicKeyCredentialCreationOptionsJSON`` (L3 §5.4) for a passkey.

    :param relying_party: who asks.
    :param user_handle: 64 random bytes of the account.
    :param name: tells the accounts of one person apart.
    :param display_name: the person's name.
    :param challenge: from :func:`otp_passkeys.challenges.issue`.
    :param exclude: every credential of the account.
    :param user_verification: ``"required"`` or ``"preferred"``.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = options_to_json_dict(
        generate_registration_options(
            rp_id=relying_party.id,
            rp_name=relying_party.name,
            user_id=user_handle,
            user_name=name,
            user_display_name=display_name,
            challenge=challenge,
            timeout=TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement(user_verification),
            ),
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in algorithms()],
        )
    )
    # The library drops transports that it does not know.
    options["excludeCredentials"] = _descriptors(exclude)
    options["extensions"] = {"credProps": True}
    return options


def authentication_options(
    *,
    relying_party: RelyingParty,
    challenge: bytes,
    allow: Iterable[Descriptor],
    user_verification: str,
) -> dict[str, Any]:
    """Return ``PublicKeyCredentialRequestOptionsJSON`` (L3 §5.5).

    :param relying_party: who asks.
    :param challenge: from :func:`otp_passkeys.challenges.issue`.
    :param allow: the credentials that may answer; empty for any discoverable one.
    :param user_verification: ``"required"`` or ``"preferred"``.
    """
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    options = options_to_json_dict(
        generate_authentication_options(
            rp_id=relying_party.id,
            challenge=challenge,
            timeout=TIMEOUT,
            user_verification=UserVerificationRequirement(user_verification),
        )
    )
    options["allowCredentials"] = _descriptors(allow)
    return options


def _descriptors(credentials: Iterable[Descriptor]) -> list[dict[str, Any]]:
    return [
        {"type": "public-key", "id": to_base64url(credential_id)}
        | ({"transports": transports} if transports else {})
        for credential_id, transports in credentials
    ]
