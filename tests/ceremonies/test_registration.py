"""A registration must prove all that WebAuthn L3 §7.1 asks for."""

import dataclasses
import json
from typing import Any

import cbor2
import pytest

from otp_passkeys.ceremonies import NewCredential
from otp_passkeys.exceptions import VerificationFailed
from otp_passkeys.testing import EDDSA, ES256, ML_DSA_44, RS256, from_base64url, to_base64url

from ..helpers.ceremonies import (
    ALWAYS_REFUSED,
    CHALLENGE,
    FRAMED,
    ask_to_create,
    create,
    verify_created,
)


def test_asks_for_a_passkey() -> None:
    """A discoverable passkey, verified, without attestation, in five minutes (DESIGN.md, step 1)."""
    options = ask_to_create(exclude=[(b"\x01", ["usb", "teleport"]), (b"\x02", [])])
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert options["timeout"] == 300_000
    assert options["rp"] == {"id": "testserver", "name": "Test"}
    assert options["user"] == {
        "id": to_base64url(bytes(64)),
        "name": "alice",
        "displayName": "Alice Archer",
    }
    assert options["challenge"] == to_base64url(CHALLENGE)
    algorithms = [entry["alg"] for entry in options["pubKeyCredParams"]]
    assert algorithms == [EDDSA, ES256, RS256, ML_DSA_44]
    assert options["extensions"] == {"credProps": True}
    assert options["excludeCredentials"] == [
        {"type": "public-key", "id": "AQ", "transports": ["usb", "teleport"]},
        {"type": "public-key", "id": "Ag"},
    ]


@pytest.mark.parametrize("attestation", ["none", "packed"])
@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256, ML_DSA_44])
def test_takes_every_algorithm(algorithm: int, attestation: str) -> None:
    """The four algorithms that are offered pass, and the record is complete (step 27)."""
    aaguid = "EA9B8D66-4D01-1D21-3CE4-B6B48CB575D4"
    verified = verify_created(
        create(
            algorithm=algorithm,
            attestation=attestation,
            aaguid=aaguid,
            counter=2**32 - 1,
            transports=["usb", "nfc"],
            credential_id=bytes(range(20)),
        )
    )
    assert dataclasses.replace(verified, public_key=b"") == NewCredential(
        credential_id=bytes(range(20)),
        public_key=b"",
        sign_count=2**32 - 1,
        aaguid=aaguid.lower(),
        transports=["nfc", "usb"],
        user_verified=True,
        backup_eligible=True,
        backup_state=True,
        discoverable=True,
    )
    assert cbor2.loads(verified.public_key)[3] == algorithm


@pytest.mark.parametrize(
    "behaviour",
    [
        {"credential_id_length": 1},
        {"credential_id_length": 1023},
        {"extensions": {"credProtect": 2, "unheard": [1]}},
        {"client_extension_results": {"unheard": {"a": [None]}}},
        {"client_data": {"unheard": {"a": 1}}},
        {"client_data": {"topOrigin": None}},
        {"transports": ["teleport"]},
        {"backup_eligible": False, "backup_state": False},
        {"backup_eligible": True, "backup_state": False},
        {"authenticator_attachment": None},
        {"authenticator_attachment": "implanted"},
    ],
)
def test_takes_what_is_unusual(behaviour: dict[str, Any]) -> None:
    """Unsolicited extensions, unknown members and the longest ID pass (steps 4, 25, 28)."""
    verified = verify_created(create(**behaviour))
    assert verified.backup_eligible is behaviour.get("backup_eligible", True)
    assert verified.backup_state is behaviour.get("backup_state", True)


def test_takes_client_data_without_cross_origin() -> None:
    """Older browsers leave the member out, and it is not signed here (step 10)."""
    credential = create()
    data = json.loads(from_base64url(credential["response"]["clientDataJSON"]))
    assert data.pop("crossOrigin") is False
    credential["response"]["clientDataJSON"] = to_base64url(json.dumps(data).encode())
    assert verify_created(credential).user_verified


def test_takes_a_byte_order_mark() -> None:
    """A byte order mark in the client data is no fault (step 5)."""
    credential = create()
    data = from_base64url(credential["response"]["clientDataJSON"])
    credential["response"]["clientDataJSON"] = to_base64url(b"\xef\xbb\xbf" + data)
    assert verify_created(credential).user_verified


@pytest.mark.parametrize(
    "behaviour",
    [
        *ALWAYS_REFUSED,
        {"client_data": {"type": "webauthn.get"}},
        {"origin": "https://testserver/"},
        {"origin": "null"},
        {"client_data": {"origin": {"https://testserver": 1}}},
        {"client_data": {"crossOrigin": 1}},
        {"client_data": {"topOrigin": {}}},
        {"credential_id_length": 1024},
        {"credential_id": b""},
        {"public_key": b""},
    ],
)
def test_refuses(behaviour: dict[str, Any]) -> None:
    """Each step refuses what does not fit (steps 7 to 17, 25)."""
    with pytest.raises(VerificationFailed):
        verify_created(create(**behaviour))


def test_lets_an_allowed_page_frame_the_site() -> None:
    """Only the pages that the relying party lists may frame it (steps 10 and 11)."""
    framed = create(cross_origin=True, top_origin="https://portal.example")
    assert verify_created(framed, relying_party=FRAMED).user_verified
    for behaviour in (
        {"cross_origin": True, "top_origin": "https://evil.example"},
        {"cross_origin": True},
        {"cross_origin": False, "top_origin": "https://portal.example"},
        {"cross_origin": True, "client_data": {"topOrigin": ["https://portal.example"]}},
    ):
        with pytest.raises(VerificationFailed):
            verify_created(create(**behaviour), relying_party=FRAMED)


def test_lets_an_upgrade_do_without_the_user() -> None:
    """Presence may be missing where it was not asked for, and verification likewise (step 15)."""
    upgraded = create(user_present=False, user_verified=False)
    lenient = {"requires_user_presence": False, "requires_user_verification": False}
    assert not verify_created(upgraded, **lenient).user_verified
    for name in lenient:
        with pytest.raises(VerificationFailed):
            verify_created(upgraded, **{**lenient, name: True})


@pytest.mark.parametrize("member", ["id", "rawId", "both"])
def test_compares_the_id_with_what_was_signed(member: str) -> None:
    """An ID in the JSON that differs from the authenticator data is refused (the nine, 6; T8)."""
    names = ["id", "rawId"] if member == "both" else [member]
    with pytest.raises(VerificationFailed):
        verify_created({**create(), **dict.fromkeys(names, to_base64url(bytes(32)))})


@pytest.mark.parametrize("kind", ["password", None, 5, ["public-key"], {}])
def test_refuses_another_type(kind: object) -> None:
    """A credential of another type is refused (step 3)."""
    with pytest.raises(VerificationFailed):
        verify_created({**create(), "type": kind})


def test_shows_client_data_in_no_reason() -> None:
    """The reason, which is logged, says nothing that the client sent but an origin (T24, S6.11)."""
    with pytest.raises(VerificationFailed) as caught:
        verify_created(create(client_data={"type": "evil", "more": "evil"}))
    assert "evil" not in caught.value.reason
