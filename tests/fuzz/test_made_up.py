"""What nobody thought of: made-up JSON, bytes and client data, the same ones in every run."""

import json
from typing import Any

import cbor2
import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otp_passkeys.cbor import end_of_map
from otp_passkeys.credentials import ReceivedCredential, read_credential
from otp_passkeys.encoding import from_base64url, to_base64url
from otp_passkeys.exceptions import PasskeyError
from otp_passkeys.models import Passkey
from otp_passkeys.nicknames import clean_nickname
from otp_passkeys.testing import Authenticator

from ..helpers.ceremonies import PARTY, Holder, create, verify_created
from ..helpers.steps import SignedIn, enrol
from ..hostile.cbor import HOSTILE
from ..hostile.parts import Parts

pytestmark = pytest.mark.extended

# The same examples in every run, and no more of them than the suite has time for.
some = settings(
    derandomize=True,
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
few = settings(some, max_examples=40)

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=40)
    | st.binary(max_size=80).map(to_base64url)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
CBOR_KEYS = st.integers(-(2**63), 2**63 - 1) | st.text(max_size=8)
CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats()
    | st.binary(max_size=300)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CBOR_KEYS, inner, max_size=4),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())
TYPES = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
]

REGISTRATION = create(attestation="none")
HOLDER = Holder()
ASSERTION = HOLDER.get()
PARTS = Parts(ASSERTION, HOLDER.authenticator.credentials[0], HOLDER.authenticator.credentials[0])


def refused(verify: Any, *arguments: Any) -> Any:
    """Return what was verified, or None if it was refused; anything else that is raised fails the test."""
    try:
        return verify(*arguments)
    except PasskeyError:
        return None


@some
@given(JSON)
def test_reads_any_json(value: Any) -> None:
    """Any JSON is an answer or a refusal."""
    assert isinstance(refused(read_credential, value), (ReceivedCredential, type(None)))


@some
@given(st.data())
def test_verifies_any_members(data: st.DataObject) -> None:
    """Any JSON in the place of some members is refused, or changes what nothing depends on."""
    for valid, verify in ((REGISTRATION, verify_created), (ASSERTION, HOLDER.verify)):
        members = data.draw(st.dictionaries(st.sampled_from(sorted(valid)), JSON, max_size=2))
        inner = data.draw(
            st.dictionaries(st.sampled_from(sorted(valid["response"])), JSON, max_size=2)
        )
        changed = {**valid, "response": {**valid["response"], **inner}, **members}
        if refused(verify, changed) is not None:
            unread = {"clientExtensionResults", "authenticatorAttachment"}
            unread_inner = {"transports", "publicKey", "publicKeyAlgorithm"}
            if valid is REGISTRATION:
                unread_inner.add("authenticatorData")
            assert {name for name in members if members[name] != valid[name]} <= unread
            assert {
                name for name in inner if inner[name] != valid["response"][name]
            } <= unread_inner


@some
@given(
    st.dictionaries(
        st.sampled_from(["type", "challenge", "origin", "crossOrigin", "topOrigin", "a"]), JSON
    )
)
def test_verifies_any_client_data(changes: dict[str, Any]) -> None:
    """Client data, properly signed, is taken only if all that counts is as it was."""
    client_data = {**PARTS.client_data, **changes}
    made = PARTS.make(client_data=json.dumps(client_data).encode())
    if refused(HOLDER.verify, made) is not None:
        assert client_data["type"] == "webauthn.get"
        assert client_data["origin"] in PARTY.origins
        assert client_data["challenge"] == PARTS.client_data["challenge"]
        assert client_data["crossOrigin"] is False
        assert client_data.get("topOrigin") is None


@some
@given(
    st.just(b"") | st.binary(max_size=60),
    st.sampled_from([0x01, 0x05, 0x0D, 0x1D, 0x15, 0x07, 0x2F, 0x8D]) | st.integers(0, 255),
    st.binary(min_size=4, max_size=4),
)
def test_verifies_any_authenticator_data(tail: bytes, flags: int, count: bytes) -> None:
    """Authenticator data, properly signed, is taken only if its flags prove enough and nothing is left over."""
    made = PARTS.make(data=bytes(PARTS.data.but(flags=flags, sign_count=count)) + tail)
    used = refused(HOLDER.verify, made)
    if used is not None:
        assert flags & 0x0D == 0x0D  # UP, UV, and BE as at the registration
        assert used.sign_count == int.from_bytes(count, "big")
        assert used.backup_state is bool(flags & 0x10)
        assert flags & 0xC0 or not tail


@some
@given(st.binary(max_size=300), st.binary(max_size=20))
def test_verifies_any_bytes_as_a_registration(attestation: bytes, client_data: bytes) -> None:
    """Bytes are no attestation object, and no client data."""
    for changes in ({"attestationObject": attestation}, {"clientDataJSON": client_data}):
        response = {name: to_base64url(value) for name, value in changes.items()}
        changed = {**REGISTRATION, "response": {**REGISTRATION["response"], **response}}
        assert refused(verify_created, changed) is None


@some
@given(st.dictionaries(CBOR_KEYS, CBOR, max_size=5), st.binary(max_size=20))
def test_finds_the_end_of_any_map(value: dict[Any, Any], tail: bytes) -> None:
    """The end of a map is where cbor2 says it is, whatever follows."""
    encoded = cbor2.dumps(value)
    assert end_of_map(encoded + tail) == len(encoded)


@some
@given(st.binary(max_size=200) | st.sampled_from(sorted(HOSTILE.values())), st.integers(0, 30))
def test_survives_any_bytes_as_cbor(data: bytes, start: int) -> None:
    """What passes has its end in the data, and cbor2 makes a plain map of it or refuses it."""
    for candidate in (data, b"\xa1\x00" + data, b"\xa1aa" + data):
        try:
            end = end_of_map(candidate, start)
        except ValueError:
            continue
        assert start < end <= len(candidate)
        try:
            assert isinstance(cbor2.loads(candidate[start:end], allow_duplicate_keys=False), dict)
        except (
            cbor2.CBORDecodeError
        ):  # for a key twice, or text that is not UTF-8, and nothing else
            assert isinstance(cbor2.loads(candidate[start:end], str_errors="replace"), dict)


@some
@given(st.text(max_size=60) | st.binary(max_size=60).map(to_base64url))
def test_decodes_one_spelling(text: str) -> None:
    """What is decoded is encoded as the same text."""
    try:
        decoded = from_base64url(text)
    except ValueError:
        return
    assert to_base64url(decoded) == text


@some
@given(st.text(st.characters(), max_size=80))
def test_cleans_any_nickname(text: str) -> None:
    """A nickname is refused, or short, storable, and clean already."""
    try:
        cleaned = clean_nickname(text)
    except ValidationError:
        return
    assert len(cleaned) <= 64
    assert "\0" not in cleaned
    cleaned.encode()
    assert clean_nickname(cleaned) == cleaned


@few
@given(BODIES, st.sampled_from(TYPES))
@pytest.mark.parametrize("visitor", [True, False], ids=["visitor", "user"])
def test_survives_any_body(
    alice: User, signed_in: SignedIn, visitor: bool, body: bytes, content_type: str
) -> None:
    """Any body at any address is answered, and changes nothing (T12)."""
    client = Client() if visitor else signed_in(alice)
    if not visitor and not Passkey.objects.exists():
        enrol(client, Authenticator())
    before = list(Passkey.objects.order_by("pk").values())
    for path in (
        "register/",
        "authenticate/",
        "register/options/",
        "authenticate/options/",
        "sync/",
    ):
        response = client.generic("POST", f"/passkeys/{path}", body, content_type, secure=True)
        assert response.status_code < 500
        if not path.endswith("options/") and (visitor or path != "sync/"):
            assert response.status_code >= 300
    assert list(Passkey.objects.order_by("pk").values()) == before
