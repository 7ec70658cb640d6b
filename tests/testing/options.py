"""Options as a server writes them, and py_webauthn's judgement of what comes back."""

import json
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json_dict, parse_authenticator_data
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from otp_passkeys.testing import (
    EDDSA,
    ES256,
    ML_DSA_44,
    RS256,
    Authenticator,
    Credential,
    from_base64url,
)

RP_ID = "testserver"
ORIGIN = "https://testserver"
CHALLENGE = b"c" * 32
ALICE = b"a" * 64
BOB = b"b" * 64
ALGORITHMS = (ES256, EDDSA, RS256, ML_DSA_44)


def creation_options(
    user_id: bytes = ALICE,
    *,
    exclude: list[bytes] | None = None,
    resident_key: ResidentKeyRequirement = ResidentKeyRequirement.REQUIRED,
    algorithms: tuple[int, ...] = ALGORITHMS,
) -> dict[str, Any]:
    """Make the options that py_webauthn would send."""
    options = generate_registration_options(
        rp_id=RP_ID,
        rp_name="Site",
        user_id=user_id,
        user_name="alice",
        user_display_name="Alice",
        challenge=CHALLENGE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=resident_key, user_verification=UserVerificationRequirement.REQUIRED
        ),
        supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in algorithms],
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in exclude or []],
    )
    return options_to_json_dict(options)


def request_options(
    *, allow: list[bytes] | None = None, verification: str = "required"
) -> dict[str, Any]:
    """Make the options that py_webauthn would send."""
    options = generate_authentication_options(
        rp_id=RP_ID,
        challenge=CHALLENGE,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in allow or []],
        user_verification=UserVerificationRequirement(verification),
    )
    return options_to_json_dict(options)


def verify_registration(
    registration: dict[str, Any], *, requires_verification: bool = True
) -> VerifiedRegistration:
    """Let py_webauthn judge a registration, in the JSON form in which it would arrive."""
    return verify_registration_response(
        credential=json.dumps(registration),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=requires_verification,
        supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in ALGORITHMS],
    )


def verify_assertion(
    assertion: dict[str, Any],
    public_key: bytes,
    sign_count: int = 0,
    *,
    requires_verification: bool = True,
) -> VerifiedAuthentication:
    """Let py_webauthn judge an assertion, in the JSON form in which it would arrive."""
    return verify_authentication_response(
        credential=json.dumps(assertion),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=public_key,
        credential_current_sign_count=sign_count,
        require_user_verification=requires_verification,
    )


def client_data(answer: dict[str, Any]) -> dict[str, Any]:
    """Read the client data of an answer."""
    members: dict[str, Any] = json.loads(from_base64url(answer["response"]["clientDataJSON"]))
    return members


def sign_count(answer: dict[str, Any]) -> int:
    """Read the sign count of an answer."""
    data = from_base64url(answer["response"]["authenticatorData"])
    return parse_authenticator_data(data).sign_count


def enrol(authenticator: Authenticator, user_id: bytes = ALICE, **overrides: Any) -> Credential:
    """Make a passkey and return it."""
    authenticator.create(creation_options(user_id), **overrides)
    return authenticator.credentials[-1]
