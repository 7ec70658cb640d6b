"""What the browser's answer must prove (WebAuthn L3 §7.1 and §7.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import credentials
from ..encoding import from_base64url
from ..exceptions import CredentialUserMismatch, VerificationFailed
from . import diagnosis
from .keys import algorithms, require_sound_key
from .library import guarded

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from ..credentials import Attestation, ReceivedCredential
    from ..relying_party import RelyingParty


@dataclass(frozen=True)
class NewCredential:
    """A registration that was verified: the credential record of L3 §4."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: list[str]
    user_verified: bool
    backup_eligible: bool
    backup_state: bool
    discoverable: bool | None


@dataclass(frozen=True)
class UsedCredential:
    """An assertion that was verified: what the record takes over from it (L3 §7.2 step 24).

    The user handle is not signed, and None if the answer names none.
    """

    sign_count: int
    user_verified: bool
    backup_eligible: bool
    backup_state: bool
    user_handle: bytes | None


def verify_registration(
    received: ReceivedCredential,
    *,
    challenge: bytes,
    relying_party: RelyingParty,
    requires_user_presence: bool,
    requires_user_verification: bool,
) -> NewCredential:
    """Verify a registration (L3 §7.1 steps 3 to 25, 27 and 28).

    :param received: from :func:`otp_passkeys.credentials.read_credential`.
    :param challenge: the challenge it must name, already known to be ours.
    :param relying_party: for whom it must have been made.
    :param requires_user_presence: False only after an automatic upgrade.
    :param requires_user_verification: what was asked for.
    :raises VerificationFailed: if any step fails.
    """
    from webauthn.helpers.structs import CredentialDeviceType

    raw_id = credentials.credential_id(received)
    _check_frames(received, relying_party)
    attestation = credentials.attestation(received)
    expected = diagnosis.Expected(
        type="webauthn.create",
        challenge=challenge,
        relying_party=relying_party,
        user_presence=requires_user_presence,
        user_verification=requires_user_verification,
    )
    verified = _registration_by_library(received, attestation, expected)
    # The library compares id with rawId only, not with what the authenticator signed.
    if verified.credential_id != raw_id:
        raise VerificationFailed("credential ID differs from the authenticator data")
    require_sound_key(verified.credential_public_key)
    return NewCredential(
        credential_id=raw_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=verified.aaguid,
        transports=credentials.transports(received),
        user_verified=verified.user_verified,
        backup_eligible=verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        backup_state=verified.credential_backed_up,
        discoverable=credentials.discoverable(received),
    )


def verify_authentication(
    received: ReceivedCredential,
    *,
    challenge: bytes,
    relying_party: RelyingParty,
    public_key: bytes,
    backup_eligible: bool | None,
    user_handles: Collection[bytes],
    requires_user_handle: bool,
    requires_user_verification: bool,
) -> UsedCredential:
    """Verify an assertion (L3 §7.2 steps 6 to 21); the caller, who can lock the row, checks the sign count.

    :param received: from :func:`otp_passkeys.credentials.read_credential`.
    :param challenge: the challenge it must name, already known to be ours.
    :param relying_party: for whom it must have been made.
    :param public_key: the stored COSE key of the credential.
    :param backup_eligible: the stored BE flag, which never changes; None where it is not known yet.
    :param user_handles: the handle that the authenticator keeps the credential under, or those of which it is one.
    :param requires_user_handle: True if no user was identified before.
    :param requires_user_verification: what was asked for.
    :raises CredentialUserMismatch: if the answer names another user handle.
    :raises VerificationFailed: if any other step fails.
    """
    from webauthn.helpers.structs import CredentialDeviceType

    credentials.credential_id(received)
    _check_frames(received, relying_party)
    user_handle = credentials.user_handle(received)
    if user_handle is None and requires_user_handle:
        raise VerificationFailed("answer names no user handle")
    expected = diagnosis.Expected(
        type="webauthn.get",
        challenge=challenge,
        relying_party=relying_party,
        user_verification=requires_user_verification,
    )
    verified = _assertion_by_library(received, public_key, expected)
    # Afterwards: handles of other packages can be guessed, and without a signature no answer tells which is right.
    if user_handle is not None and user_handle not in user_handles:
        raise CredentialUserMismatch("user handle is not the owner's")
    eligible = verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE
    if backup_eligible not in {None, eligible}:
        raise VerificationFailed("BE flag changed since the registration")
    return UsedCredential(
        sign_count=verified.new_sign_count,
        user_verified=verified.user_verified,
        backup_eligible=eligible,
        backup_state=verified.credential_backed_up,
        user_handle=user_handle,
    )


def _registration_by_library(
    received: ReceivedCredential, attestation: Attestation, expected: diagnosis.Expected
) -> VerifiedRegistration:
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    return guarded(
        lambda: verify_registration_response(
            credential=_for_library(received, attestationObject=attestation.text),
            expected_challenge=expected.challenge,
            expected_rp_id=expected.relying_party.id,
            expected_origin=list(expected.relying_party.origins),
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in algorithms()],
            require_user_presence=expected.user_presence,
            require_user_verification=expected.user_verification,
        ),
        lambda error: diagnosis.registration(received, attestation, expected, error),
    )


def _assertion_by_library(
    received: ReceivedCredential, public_key: bytes, expected: diagnosis.Expected
) -> VerifiedAuthentication:
    from webauthn import verify_authentication_response

    # Before the call, which would log its own name for what is refused here.
    members = {
        "authenticatorData": credentials.authenticator_data(received),
        "signature": credentials.member(received, "signature"),
    }
    data = from_base64url(members["authenticatorData"])
    return guarded(
        lambda: verify_authentication_response(
            credential=_for_library(received, **members),
            expected_challenge=expected.challenge,
            expected_rp_id=expected.relying_party.id,
            expected_origin=list(expected.relying_party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,  # always passes: the caller checks the count
            require_user_verification=expected.user_verification,
        ),
        lambda error: diagnosis.assertion(received, data, expected, error),
    )


def _for_library(received: ReceivedCredential, **members: str) -> dict[str, Any]:
    """Return only the members that the library must see: it refuses unknown values of the others."""
    return {
        "id": received.credential["id"],
        "rawId": received.credential["rawId"],
        "type": received.credential.get("type"),
        "response": {"clientDataJSON": credentials.member(received, "clientDataJSON"), **members},
    }


def _check_frames(received: ReceivedCredential, relying_party: RelyingParty) -> None:
    """Refuse answers from a frame in a foreign page (L3 §7.1 steps 10 and 11, §7.2 steps 13 and 14)."""
    cross_origin = received.client_data.get("crossOrigin", False)
    top_origin = received.client_data.get("topOrigin")
    if cross_origin is False and top_origin is None:
        return
    if cross_origin is not True or top_origin not in relying_party.top_origins:
        raise VerificationFailed(diagnosis.frame(received, relying_party))
