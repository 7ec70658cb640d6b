"""The software authenticator, judged by py_webauthn and by what browsers do."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import Any
from uuid import UUID

import cbor2
import pytest
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import options_to_json_dict, parse_authenticator_data
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import InvalidAuthenticationResponse, InvalidRegistrationResponse
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from otp_passkeys.testing import (
    EDDSA,
    ES256,
    RS256,
    Authenticator,
    Credential,
    InvalidStateError,
    NotAllowedError,
    NotSupportedError,
    from_base64url,
    to_base64url,
)

RP_ID = "testserver"
ORIGIN = "https://testserver"
CHALLENGE = b"c" * 32
ALICE = b"a" * 64
BOB = b"b" * 64


def creation_options(
    user_id: bytes = ALICE,
    *,
    exclude: list[bytes] | None = None,
    resident_key: ResidentKeyRequirement = ResidentKeyRequirement.REQUIRED,
    algorithms: tuple[int, ...] = (ES256, EDDSA, RS256),
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


def verify_registration(registration: dict[str, Any]) -> VerifiedRegistration:
    """Let py_webauthn judge a registration, in the JSON form in which it would arrive."""
    return verify_registration_response(
        credential=json.dumps(registration),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=True,
    )


def verify_assertion(
    assertion: dict[str, Any], public_key: bytes, sign_count: int = 0
) -> VerifiedAuthentication:
    """Let py_webauthn judge an assertion, in the JSON form in which it would arrive."""
    return verify_authentication_response(
        credential=json.dumps(assertion),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=public_key,
        credential_current_sign_count=sign_count,
        require_user_verification=True,
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


@pytest.fixture
def authenticator() -> Authenticator:
    """Return an empty authenticator."""
    return Authenticator()


@pytest.mark.parametrize("attestation", ["none", "packed"])
@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
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
    with pytest.raises(InvalidRegistrationResponse, match="not verified"):
        verify_registration(authenticator.create(creation_options(BOB), force=True))
    assertion = authenticator.get(
        request_options(), force=True, credential=authenticator.credentials[0]
    )
    with pytest.raises(InvalidAuthenticationResponse, match="not verified"):
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


def test_overrides_last_one_call(authenticator: Authenticator) -> None:
    """An override is sent once and signed like the truth; an unknown one is an error."""
    verified = verify_registration(authenticator.create(creation_options()))
    assertion = authenticator.get(
        request_options(),
        origin="https://evil.example",
        cross_origin=True,
        top_origin="https://top.example",
        challenge="A!B",
        client_data={"type": "webauthn.create", "extra": 1},
        user_handle=BOB,
    )
    assert client_data(assertion) == {
        "type": "webauthn.create",
        "challenge": "A!B",
        "origin": "https://evil.example",
        "crossOrigin": True,
        "topOrigin": "https://top.example",
        "extra": 1,
    }
    assert from_base64url(assertion["response"]["userHandle"]) == BOB
    assertion = authenticator.get(request_options(), omit_user_handle=True)
    assert "userHandle" not in assertion["response"]
    assertion = authenticator.get(request_options(), rp_id="evil.example")
    data = from_base64url(assertion["response"]["authenticatorData"])
    assert data[:32] == hashlib.sha256(b"evil.example").digest()
    verify_assertion(authenticator.get(request_options()), verified.credential_public_key)
    with pytest.raises(TypeError, match="colour"):
        authenticator.get(request_options(), colour="red")


def test_registration_knobs(authenticator: Authenticator) -> None:
    """What is set for a new passkey is what the server gets, and what the passkey keeps."""
    aaguid = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"
    registration = authenticator.create(
        creation_options(),
        aaguid=aaguid,
        transports=["usb", "smoke-signal"],
        backup_eligible=False,
        counter=7,
        credential_id=b"i" * 1023,
        extensions={"credProtect": 2},
        client_extension_results={"prf": {"enabled": True}},
    )
    verified = verify_registration(registration)
    assert verified.aaguid == aaguid
    assert verified.credential_device_type == CredentialDeviceType.SINGLE_DEVICE
    assert not verified.credential_backed_up
    assert verified.sign_count == 7
    assert verified.credential_id == b"i" * 1023
    assert registration["response"]["transports"] == ["usb", "smoke-signal"]
    assert registration["clientExtensionResults"] == {"prf": {"enabled": True}}
    (credential,) = authenticator.credentials
    assert (credential.aaguid, credential.sign_count) == (UUID(aaguid), 7)
    result = verify_assertion(authenticator.get(request_options()), verified.credential_public_key)
    assert result.credential_device_type == CredentialDeviceType.SINGLE_DEVICE
    assert len(enrol(authenticator, credential_id_length=16).id) == 16


def test_public_key_override(authenticator: Authenticator) -> None:
    """A false public key goes to the server as it is."""
    bad_key = cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: b"short", -3: b"short"})
    verified = verify_registration(authenticator.create(creation_options(), public_key=bad_key))
    assert verified.credential_public_key == bad_key


@pytest.mark.parametrize(
    ("knobs", "flags"),
    [
        ({}, 0x1D),
        ({"user_present": False}, 0x1C),
        ({"user_verified": False}, 0x19),
        ({"backup_state": False}, 0x0D),
        ({"backup_eligible": False, "backup_state": True}, 0x15),
        ({"extensions": {"a": 1}}, 0x9D),
    ],
)
def test_flags(knobs: dict[str, Any], flags: int, authenticator: Authenticator) -> None:
    """Each flag of an assertion can be set, whatever the passkey was made with."""
    enrol(authenticator)
    assertion = authenticator.get(request_options(), force=True, **knobs)
    assert from_base64url(assertion["response"]["authenticatorData"])[32] == flags


def test_counter(authenticator: Authenticator) -> None:
    """The count stays 0, grows by a step if told, and can be any 32-bit number for one call."""
    enrol(authenticator)
    options = request_options()
    assert [sign_count(authenticator.get(options)) for _ in range(2)] == [0, 0]
    authenticator.counter_step = 1
    assert [sign_count(authenticator.get(options)) for _ in range(2)] == [1, 2]
    assert sign_count(authenticator.get(options, counter=2**32 - 1)) == 2**32 - 1
    assert sign_count(authenticator.get(options)) == 4


def test_anything_can_be_signed() -> None:
    """A subclass decides on the bytes of the client data, a byte order mark for one."""

    class WithMark(Authenticator):
        def client_data_json(self, kind: str, options: Any) -> bytes:
            return b"\xef\xbb\xbf" + super().client_data_json(kind, options)

    authenticator = WithMark()
    verified = verify_registration(authenticator.create(creation_options()))
    verify_assertion(authenticator.get(request_options()), verified.credential_public_key)


@pytest.mark.parametrize("challenge", ["YQ==", "a+b/", "a b", "aaaaa", b"aaaa", None, 3])
def test_malformed_challenge(challenge: object, authenticator: Authenticator) -> None:
    """Options that a browser could not parse are a `TypeError`, and leave no passkey."""
    with pytest.raises(TypeError):
        authenticator.create({**creation_options(), "challenge": challenge})
    assert authenticator.credentials == []


@pytest.mark.parametrize("user_id", ["", "a" * 88])
def test_malformed_user_id(user_id: str, authenticator: Authenticator) -> None:
    """A user handle is 1 to 64 bytes long."""
    options = creation_options()
    options["user"]["id"] = user_id
    with pytest.raises(TypeError, match="64 bytes"):
        authenticator.create(options)


def test_lists_of_credentials_may_be_missing(authenticator: Authenticator) -> None:
    """A missing list of credentials is an empty one; anything but a list is an error."""
    options = creation_options()
    options.pop("excludeCredentials", None)
    authenticator.create(options)
    asked = request_options()
    asked.pop("allowCredentials", None)
    authenticator.get(asked)
    with pytest.raises(TypeError, match="list"):
        authenticator.get({**asked, "allowCredentials": "AAAA"})


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
        (
            "current_user_details",
            {"rpId": RP_ID, "userId": 1, "name": "x", "displayName": "x"},
        ),
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


def test_imports_without_pytest() -> None:
    """A site that tests with unittest, or uses the authenticator in a script, needs no pytest."""
    code = "import sys; sys.modules['pytest'] = None; import otp_passkeys.testing"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_fixture_for_sites(request: pytest.FixtureRequest) -> None:
    """The plugin module offers an empty authenticator."""
    plugins = request.config.pluginmanager
    name = "otp_passkeys.testing.fixtures"
    if not plugins.has_plugin(name):
        plugins.import_plugin(name)
    module = plugins.get_plugin(name)
    assert module is not None
    assert module.authenticator.__wrapped__() == Authenticator()
