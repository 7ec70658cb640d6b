"""The software authenticator, judged by py_webauthn and by what browsers do."""

from typing import Any
from uuid import UUID

import cbor2
import pytest
from webauthn.helpers.exceptions import InvalidAuthenticationResponse, InvalidRegistrationResponse
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType

from otp_passkeys.testing import (
    EDDSA,
    ES256,
    ML_DSA_44,
    RS256,
    Authenticator,
    InvalidStateError,
    NotAllowedError,
    NotSupportedError,
    from_base64url,
    to_base64url,
)

from .options import (
    ALICE,
    BOB,
    CHALLENGE,
    ORIGIN,
    RP_ID,
    client_data,
    creation_options,
    enrol,
    request_options,
    verify_assertion,
    verify_registration,
)


@pytest.fixture
def authenticator() -> Authenticator:
    """Return an empty authenticator."""
    return Authenticator()


@pytest.mark.parametrize("attestation", ["none", "packed"])
@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256, ML_DSA_44])
def test_ceremonies_verify(algorithm: int, attestation: Any) -> None:
    """A registration and an assertion with each algorithm and attestation are real."""
    authenticator = Authenticator(algorithms=[algorithm], attestation=attestation)
    registration = authenticator.create(creation_options())
    verified = verify_registration(registration)
    assert verified.credential_id == authenticator.credentials[0].id
    assert verified.fmt == AttestationFormat(attestation)
    assert cbor2.loads(verified.credential_public_key)[3] == algorithm
    assert registration["response"]["publicKeyAlgorithm"] == algorithm

    assertion = authenticator.get(request_options())
    result = verify_assertion(assertion, verified.credential_public_key)
    assert result.credential_id == verified.credential_id
    assert result.new_sign_count == 0
    assert from_base64url(assertion["response"]["userHandle"]) == ALICE


def test_defaults_are_a_synced_passkey(authenticator: Authenticator) -> None:
    """Without knobs an answer has UP, UV, BE and BS, and a sign count of zero."""
    verified = verify_registration(authenticator.create(creation_options()))
    assert verified.user_verified
    assert verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE
    assert verified.credential_backed_up
    assert verified.sign_count == 0
    assert verified.aaguid == str(UUID(int=0))


def test_registration_has_the_shape_of_to_json(authenticator: Authenticator) -> None:
    """A registration has every member that `toJSON()` gives, and none with padding."""
    registration = authenticator.create(creation_options())
    response = registration.pop("response")
    assert registration == {
        "id": authenticator.credentials[0].id_base64url,
        "rawId": authenticator.credentials[0].id_base64url,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
    }
    assert response.pop("transports") == ["hybrid", "internal"]
    assert response.pop("publicKeyAlgorithm") == ES256
    assert set(response) == {
        "clientDataJSON",
        "attestationObject",
        "authenticatorData",
        "publicKey",
    }
    for value in response.values():
        assert to_base64url(from_base64url(value)) == value
    attestation_object = cbor2.loads(from_base64url(response["attestationObject"]))
    assert list(attestation_object) == ["fmt", "attStmt", "authData"]
    assert attestation_object["authData"] == from_base64url(response["authenticatorData"])


def test_assertion_has_the_shape_of_to_json(authenticator: Authenticator) -> None:
    """An assertion has every member that `toJSON()` gives."""
    credential = enrol(authenticator)
    assertion = authenticator.get(request_options())
    assert set(assertion["response"]) == {
        "clientDataJSON",
        "authenticatorData",
        "signature",
        "userHandle",
    }
    assert assertion["id"] == assertion["rawId"] == credential.id_base64url
    assert client_data(assertion) == {
        "type": "webauthn.get",
        "challenge": to_base64url(CHALLENGE),
        "origin": ORIGIN,
        "crossOrigin": False,
    }


def test_first_supported_algorithm_is_used(authenticator: Authenticator) -> None:
    """The server's order decides, unless an algorithm is told, offered or not."""
    options = creation_options(algorithms=(EDDSA, ES256))
    assert authenticator.create(options)["response"]["publicKeyAlgorithm"] == EDDSA
    told = authenticator.create(options, algorithm=RS256)
    assert told["response"]["publicKeyAlgorithm"] == RS256
    with pytest.raises(NotSupportedError):
        authenticator.create(options, algorithms=[RS256])
    with pytest.raises(ValueError, match="-35"):
        authenticator.create(options, algorithm=-35)


def test_excluded_credential_is_refused(authenticator: Authenticator) -> None:
    """An excluded credential on this authenticator, and on no other, stops a registration."""
    credential = enrol(authenticator)
    options = creation_options(exclude=[credential.id])
    with pytest.raises(InvalidStateError):
        authenticator.create(options)
    assert authenticator.credentials == [credential]
    Authenticator().create(options)
    authenticator.create(options, force=True)
    assert credential not in authenticator.credentials


def test_same_user_replaces_discoverable_passkey(authenticator: Authenticator) -> None:
    """A passkey replaces the one of the same RP and user, and leaves all others."""
    other = enrol(authenticator, BOB)
    loose = enrol(authenticator, discoverable=False)
    first = enrol(authenticator)
    second = enrol(authenticator)
    assert authenticator.credentials == [other, loose, second]
    assert first not in authenticator.credentials
    third = enrol(authenticator, discoverable=False)
    assert authenticator.credentials == [other, loose, second, third]


@pytest.mark.parametrize(
    ("selection", "discoverable"),
    [
        ({"residentKey": "required"}, True),
        ({"residentKey": "preferred"}, True),
        ({"residentKey": "discouraged", "requireResidentKey": True}, False),
        ({"requireResidentKey": True}, True),
        ({}, False),
        (None, False),
    ],
)
def test_resident_key(selection: Any, discoverable: bool, authenticator: Authenticator) -> None:
    """A passkey is discoverable if asked for, and `credProps` says so if asked."""
    options = creation_options()
    options["authenticatorSelection"] = selection
    options["extensions"] = {"credProps": True}
    registration = authenticator.create(options)
    assert registration["clientExtensionResults"] == {"credProps": {"rk": discoverable}}
    credential = authenticator.credentials[0]
    assert credential.discoverable is discoverable
    if not discoverable:
        with pytest.raises(NotAllowedError):
            authenticator.get(request_options())
    assertion = authenticator.get(request_options(allow=[credential.id]))
    assert ("userHandle" in assertion["response"]) is discoverable


def test_required_verification(authenticator: Authenticator) -> None:
    """An unverified user gets no answer where verification is required, unless forced."""
    verified = verify_registration(authenticator.create(creation_options()))
    authenticator.user_verified = False
    with pytest.raises(NotAllowedError):
        authenticator.create(creation_options(BOB))
    with pytest.raises(NotAllowedError):
        authenticator.get(request_options())
    authenticator.get(request_options(verification="preferred"))
    unverified = authenticator.create(creation_options(BOB), force=True)
    verify_registration(unverified, requires_verification=False)  # so nothing else is wrong with it
    with pytest.raises(InvalidRegistrationResponse):
        verify_registration(unverified)
    assertion = authenticator.get(
        request_options(), force=True, credential=authenticator.credentials[0]
    )
    verify_assertion(assertion, verified.credential_public_key, requires_verification=False)
    with pytest.raises(InvalidAuthenticationResponse):
        verify_assertion(assertion, verified.credential_public_key)


def test_attachment_asked_for(authenticator: Authenticator) -> None:
    """An authenticator with another attachment than the one asked for is not offered."""
    options = creation_options()
    options["authenticatorSelection"]["authenticatorAttachment"] = "cross-platform"
    with pytest.raises(NotAllowedError):
        authenticator.create(options)
    registration = authenticator.create(options, authenticator_attachment="cross-platform")
    assert registration["authenticatorAttachment"] == "cross-platform"
    registration = authenticator.create(creation_options(), authenticator_attachment=None)
    assert "authenticatorAttachment" not in registration


def test_choice_of_credential(authenticator: Authenticator) -> None:
    """The newest fitting passkey answers, or the one that is picked if it fits or is forced."""
    alice, bob = enrol(authenticator), enrol(authenticator, BOB)
    assert authenticator.get(request_options())["id"] == bob.id_base64url
    assert authenticator.get(request_options(), credential=alice)["id"] == alice.id_base64url
    only_bob = request_options(allow=[bob.id, b"elsewhere"])
    with pytest.raises(NotAllowedError):
        authenticator.get(only_bob, credential=alice)
    forced = authenticator.get(only_bob, credential=alice, force=True)
    assert forced["id"] == alice.id_base64url
    with pytest.raises(NotAllowedError):
        authenticator.get(request_options(allow=[b"elsewhere"]))
    with pytest.raises(NotAllowedError):
        authenticator.get({**request_options(), "rpId": "elsewhere"})


def test_rp_id_defaults_to_the_page(authenticator: Authenticator) -> None:
    """Options without an RP ID mean the host of the page."""
    options = creation_options()
    del options["rp"]["id"]
    verify_registration(authenticator.create(options))
    assert authenticator.credentials[0].rp_id == RP_ID
    asked = request_options()
    del asked["rpId"]
    authenticator.get(asked)
