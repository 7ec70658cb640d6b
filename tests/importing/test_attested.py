"""What other programs kept of a registration is read without trusting any byte of it."""

import pytest

from otp_passkeys.importing.attested import attested_credential, authenticator_data, decoded
from otp_passkeys.importing.handles import from_names
from otp_passkeys.importing.records import Unreadable
from otp_passkeys.origins import domains_of
from otp_passkeys.testing import from_base64url

from ..helpers.ceremonies import create


def registration(**behaviour: object) -> bytes:
    """Return an attestation object."""
    return from_base64url(create(**behaviour)["response"]["attestationObject"])


@pytest.mark.parametrize("flag", ["user_verified", "backup_state"])
def test_made(flag: str) -> None:
    """Flags, count and credential are those that the authenticator signed."""
    said = authenticator_data(registration(**{flag: False}, counter=258, aaguid="0" * 31 + "1"))
    assert not getattr(said, flag)
    assert (said.sign_count, said.backup_eligible) == (258, True)
    assert said.credential.aaguid.endswith("0001")
    assert authenticator_data(registration(backup_eligible=False)).backup_eligible is False


def test_extensions() -> None:
    """What follows the key are extensions, and not part of it."""
    both = registration(), registration(extensions={"credProtect": 2})
    assert len({len(authenticator_data(one).credential.public_key) for one in both}) == 1


@pytest.mark.parametrize("data", [b"", bytes(16), bytes(18), bytes(20), b"\xff" * 40])
def test_no_credential(data: bytes) -> None:
    """Bytes of any length and kind are refused, not decoded."""
    with pytest.raises(Unreadable, match="no public key"):
        attested_credential(data)


def test_nothing_attested() -> None:
    """Authenticator data of a sign-in hold no credential."""
    data = registration()
    start = data.index(b"authData")
    signed = data[:start] + b"authData\x58\x25" + bytes(37)
    with pytest.raises(Unreadable, match="no public key"):
        authenticator_data(signed)


@pytest.mark.parametrize("data", [b"", b"x", b"\xa0"])
def test_no_attestation(data: bytes) -> None:
    """What is no attestation object is refused, with the reason that a registration would log."""
    with pytest.raises(Unreadable, match="attestation object"):
        authenticator_data(data)


@pytest.mark.parametrize("value", [None, 7, b"", "%", "a", "é"])
def test_no_base64url(value: object) -> None:
    """What is no base64url is refused."""
    with pytest.raises(Unreadable, match="base64url"):
        decoded(value)


def test_padding() -> None:
    """Other programs write base64url with padding or without."""
    assert decoded("YQ==") == decoded("YQ") == b"a"


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        ("https://a.example.com:8000", ["a.example.com", "example.com", "com"]),
        ("http://localhost:8000", ["localhost"]),
        ("https://[", []),
        ("android:apk-key-hash:x", []),
        (None, []),
    ],
)
def test_domains(origin: object, found: list[str]) -> None:
    """The RP ID is the host of the page or a parent of it."""
    assert domains_of(origin) == found


class Nobody:
    """A user without an e-mail address."""

    def get_username(self) -> str:
        return "Nobody"

    @classmethod
    def get_email_field_name(cls) -> str:
        return "email"


def test_names() -> None:
    """A name makes one handle in each case that it may have been written in; a long one makes none."""
    assert from_names(Nobody()) == (b"Tm9ib2R5", b"bm9ib2R5")
    assert from_names(Nobody(), 49 * "a") == (b"Tm9ib2R5", b"bm9ib2R5")


def test_only_long_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no name can have made a handle, it is not known."""
    monkeypatch.setattr(Nobody, "get_username", lambda self: 49 * "a")
    with pytest.raises(Unreadable, match="not known"):
        from_names(Nobody())
