"""An assertion must prove all that WebAuthn L3 §7.2 asks for."""

from typing import Any

import cbor2
import pytest

from otp_passkeys import ceremonies
from otp_passkeys.ceremonies import UsedCredential
from otp_passkeys.exceptions import CredentialUserMismatch, PasskeyError, VerificationFailed
from otp_passkeys.testing import (
    EDDSA,
    ES256,
    ML_DSA_44,
    RS256,
    Authenticator,
    from_base64url,
    to_base64url,
)

from ..helpers.ceremonies import ALWAYS_REFUSED, CHALLENGE, FRAMED, PARTY, Holder


@pytest.fixture(scope="module")
def holder() -> Holder:
    """Make a passkey that is synced."""
    return Holder()


def with_member(credential: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Replace members of the response."""
    return {**credential, "response": {**credential["response"], **members}}


def test_asks() -> None:
    """What is asked is what was said, in five minutes, unknown transports included (step 1)."""
    options = ceremonies.authentication_options(
        relying_party=PARTY,
        challenge=CHALLENGE,
        allow=[(b"\x01", ["usb", "teleport"]), (b"\x02", [])],
        user_verification="required",
    )
    assert options == {
        "challenge": to_base64url(CHALLENGE),
        "rpId": "testserver",
        "timeout": 300_000,
        "userVerification": "required",
        "allowCredentials": [
            {"type": "public-key", "id": "AQ", "transports": ["usb", "teleport"]},
            {"type": "public-key", "id": "Ag"},
        ],
    }


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256, ML_DSA_44])
def test_takes_every_algorithm(algorithm: int) -> None:
    """A signature of each algorithm is right, and what the record takes over is told (step 24)."""
    holder = Holder(algorithm=algorithm)
    used = holder.verify(holder.get(counter=2**32 - 1, backup_state=False))
    assert used == UsedCredential(
        sign_count=2**32 - 1,
        user_verified=True,
        backup_eligible=True,
        backup_state=False,
        user_handle=bytes(64),
    )


@pytest.mark.parametrize(
    "behaviour",
    [
        {"counter": 0},
        {"extensions": {"unheard": {"a": [1]}}},
        {"client_data": {"unheard": [{}]}},
        {"client_data": {"topOrigin": None}},
        {"client_extension_results": {"unheard": True}},
        {"authenticator_attachment": None},
        {"authenticator_attachment": "implanted"},
        {"backup_state": False},
    ],
)
def test_takes_what_is_unusual(holder: Holder, behaviour: dict[str, Any]) -> None:
    """Counters of zero, unsolicited extensions and unknown members pass (steps 4 and 23)."""
    assert holder.verify(holder.get(**behaviour)).user_verified


def test_takes_a_byte_order_mark() -> None:
    """A byte order mark that was signed is no fault (step 8)."""

    class Marking(Authenticator):
        """Writes a byte order mark, and signs it."""

        def client_data_json(self, *arguments: Any) -> bytes:
            return b"\xef\xbb\xbf" + super().client_data_json(*arguments)

    holder = Holder()
    holder.authenticator = Marking(credentials=holder.authenticator.credentials)
    assert holder.verify(holder.get()).user_verified


@pytest.mark.parametrize(
    "behaviour",
    [
        *ALWAYS_REFUSED,
        {"client_data": {"type": "webauthn.create"}},
        {"backup_eligible": False, "backup_state": False},
        {"omit_user_handle": True},
        {"user_handle": b""},
    ],
)
def test_refuses(holder: Holder, behaviour: dict[str, Any]) -> None:
    """Each step refuses what does not fit (steps 6 to 19)."""
    with pytest.raises(VerificationFailed):
        holder.verify(holder.get(**behaviour))


def test_refuses_a_passkey_that_became_eligible() -> None:
    """BE is for ever: it may not appear any more than vanish (step 19; the nine, 5)."""
    holder = Holder(backup_eligible=False)
    assert holder.verify(holder.get()).user_verified
    for backed_up in (True, False):
        with pytest.raises(VerificationFailed):
            holder.verify(holder.get(backup_eligible=True, backup_state=backed_up))


@pytest.mark.parametrize("eligible", [True, False])
def test_takes_a_passkey_whose_eligibility_is_not_known(eligible: bool) -> None:
    """Where no BE flag is stored yet, the answer's own is as good as any, and is told (steps 19 and 24; S5.5)."""
    holder = Holder(backup_eligible=eligible)
    used = holder.verify(holder.get(), backup_eligible=None)
    assert used.backup_eligible is eligible


def test_lets_an_allowed_page_frame_the_site(holder: Holder) -> None:
    """Only the pages that the relying party lists may frame it (steps 13 and 14)."""
    framed = holder.get(cross_origin=True, top_origin="https://portal.example")
    assert holder.verify(framed, relying_party=FRAMED).user_verified
    for behaviour in (
        {"cross_origin": True, "top_origin": "https://evil.example"},
        {"cross_origin": True},
        {"cross_origin": False, "top_origin": "https://portal.example"},
    ):
        with pytest.raises(VerificationFailed):
            holder.verify(holder.get(**behaviour), relying_party=FRAMED)


def test_takes_what_was_not_asked_for(holder: Holder) -> None:
    """Without verification it passes only where none was asked for, and says so (step 17)."""
    credential = holder.get(user_verified=False)
    assert not holder.verify(credential, requires_user_verification=False).user_verified


@pytest.mark.parametrize("required", [True, False])
def test_refuses_a_foreign_user_handle(holder: Holder, required: bool) -> None:
    """A handle that is not the owner's is refused, needed or not (step 6; the nine, 3)."""
    for handle in (b"\x01" * 64, bytes(63), b"\x00"):
        with pytest.raises(CredentialUserMismatch):
            holder.verify(holder.get(user_handle=handle), requires_user_handle=required)
    with pytest.raises(CredentialUserMismatch):
        holder.verify(holder.get(), user_handles=(), requires_user_handle=required)


def test_needs_no_user_handle_where_the_user_is_known(holder: Holder) -> None:
    """A handle may be missing after a list of allowed credentials (step 6)."""
    credential = holder.get(omit_user_handle=True)
    assert holder.verify(credential, requires_user_handle=False).user_verified


@pytest.mark.parametrize("handle", ["A", "!", "AAEC=", 5, ["AAEC"], True])
@pytest.mark.parametrize("required", [True, False])
def test_refuses_an_undecodable_user_handle(holder: Holder, handle: object, required: bool) -> None:
    """A handle that cannot be decoded is refused, not raised by the decoder (step 6)."""
    with pytest.raises(VerificationFailed):
        holder.verify(with_member(holder.get(), userHandle=handle), requires_user_handle=required)


def test_refuses_another_key(holder: Holder) -> None:
    """A signature of another passkey is refused (step 21)."""
    with pytest.raises(VerificationFailed):
        holder.verify(holder.get(), public_key=Holder().stored.public_key)


@pytest.mark.parametrize(
    "public_key",
    [b"", b"\x00", b"\xff", b"garbage", cbor2.dumps({}), cbor2.dumps({1: 2, 3: -7}), b"\x04" * 65],
)
def test_refuses_with_a_bad_stored_key(holder: Holder, public_key: bytes) -> None:
    """Whatever the library raises on a bad stored key becomes a refusal (the nine, 9)."""
    with pytest.raises(VerificationFailed):
        holder.verify(holder.get(), public_key=public_key)


@pytest.mark.parametrize(
    "members",
    [
        {"signature": ""},
        {"signature": to_base64url(b"\x30\x00")},
        {"signature": to_base64url(bytes(72))},
        {"signature": None},
        {"authenticatorData": ""},
        {"authenticatorData": to_base64url(bytes(36))},
        {"authenticatorData": to_base64url(b"\xff" * 37)},
        {"authenticatorData": to_base64url(b"\xff" * 2000)},
        {"authenticatorData": None},
        {"authenticatorData": ["AAEC"]},
    ],
)
def test_refuses_garbage(holder: Holder, members: dict[str, Any]) -> None:
    """Whatever the library raises on garbage becomes a refusal (the nine, 9)."""
    with pytest.raises(VerificationFailed):
        holder.verify(with_member(holder.get(), **members))


@pytest.mark.parametrize("kind", ["password", None, 5, ["public-key"]])
def test_refuses_another_type(holder: Holder, kind: object) -> None:
    """A credential of another type is refused (step 3)."""
    with pytest.raises(VerificationFailed):
        holder.verify({**holder.get(), "type": kind})


@pytest.mark.parametrize("member", ["id", "rawId"])
def test_refuses_two_ids(holder: Holder, member: str) -> None:
    """An answer under two IDs is refused before anything is believed (T8)."""
    with pytest.raises(VerificationFailed):
        holder.verify({**holder.get(), member: to_base64url(bytes(32))})


@pytest.mark.parametrize("credential_id", [b"", bytes(1024)])
def test_refuses_an_id_of_no_possible_length(holder: Holder, credential_id: bytes) -> None:
    """The assertion signs no ID, so its length is looked at here as well (step 25)."""
    both = dict.fromkeys(["id", "rawId"], to_base64url(credential_id))
    with pytest.raises(VerificationFailed):
        holder.verify({**holder.get(), **both})


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature"])
def test_refuses_every_flipped_byte(holder: Holder, name: str) -> None:
    """A byte that differs from what was signed is refused, wherever it is (step 21)."""
    credential = holder.get()
    whole = from_base64url(credential["response"][name])
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1
        with pytest.raises(PasskeyError):
            holder.verify(with_member(credential, **{name: to_base64url(bytes(flipped))}))
