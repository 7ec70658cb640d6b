"""What a test can make the software authenticator do."""

import hashlib
from typing import Any, get_type_hints
from uuid import UUID

import cbor2
import pytest
from webauthn.helpers.structs import CredentialDeviceType

from otp_passkeys.testing import ES256, Authenticator, Behaviour, Overrides, from_base64url

from .options import (
    BOB,
    client_data,
    creation_options,
    enrol,
    request_options,
    sign_count,
    verify_assertion,
    verify_registration,
)


@pytest.fixture
def authenticator() -> Authenticator:
    """Return an empty authenticator."""
    return Authenticator()


def test_overrides_are_typed() -> None:
    """Type checkers know each field of `Behaviour` with its type, and no other."""
    assert get_type_hints(Overrides) == get_type_hints(Behaviour)


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
        "type": "webauthn.create", "challenge": "A!B", "origin": "https://evil.example",
        "crossOrigin": True, "topOrigin": "https://top.example", "extra": 1,
    }  # fmt: skip
    assert from_base64url(assertion["response"]["userHandle"]) == BOB
    assertion = authenticator.get(request_options(), omit_user_handle=True)
    assert "userHandle" not in assertion["response"]
    assertion = authenticator.get(request_options(), rp_id="evil.example")
    data = from_base64url(assertion["response"]["authenticatorData"])
    assert data[:32] == hashlib.sha256(b"evil.example").digest()
    verify_assertion(authenticator.get(request_options()), verified.credential_public_key)
    with pytest.raises(TypeError, match="colour"):
        authenticator.get(request_options(), colour="red")  # type: ignore[call-arg]


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
