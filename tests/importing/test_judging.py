"""What is judged of a record: which RP ID it is for, where the source has only its hash, and its dates."""

import hashlib
from datetime import datetime, timezone
from typing import Any

import pytest

from otp_passkeys.importing import Record
from otp_passkeys.importing.judging import columns
from otp_passkeys.importing.records import Unreadable

from ..helpers.importing import PUBLIC_KEY


def judged(**members: Any) -> tuple[dict[str, Any], str]:
    """Judge a record with some members."""
    record = Record(
        row="row",
        handles=(b"handle",),
        credential_id=b"id",
        public_key=bytes.fromhex(PUBLIC_KEY),
        second_step_only=False,
        **{"rp_ids": ("testserver",), **members},
    )
    return columns(record)


def rp_id(*candidates: str, of: str) -> str:
    """Return the RP ID of a record with candidates and a hash."""
    hash_of_it = hashlib.sha256(of.encode()).digest()
    found: str = judged(rp_ids=candidates, rp_id_hash=hash_of_it)[0]["rp_id"]
    return found


def test_hash_chooses() -> None:
    """The hash says which of the candidates it is (S5.1)."""
    candidates = ("localhost", "www.example.com", "example.com", "com")
    assert rp_id(*candidates, of="example.com") == "example.com"
    assert rp_id(*candidates, of="localhost") == "localhost"


def test_own_setting(settings: Any) -> None:
    """The site's own RP ID is a candidate too, as for an origin of another domain."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    assert rp_id("shop.example.org", of="example.com") == "example.com"


@pytest.mark.parametrize(
    ("candidates", "of", "reason"),
    [
        ((), "testserver", "the RP ID is of another domain"),
        (("testserver",), "old.org", "the RP ID is of another domain"),
        (("testserver", "old.org"), "old.org", "the RP ID is of another domain: old.org"),
        (("\ud800", "testserver"), "old.org", "the RP ID is of another domain"),
    ],
)
def test_no_guess(candidates: tuple[str, ...], of: str, reason: str) -> None:
    """Where none fits, or the site is not there, nothing is guessed, and no list waits for it (S5.2)."""
    with pytest.raises(Unreadable) as refused:
        rp_id(*candidates, of=of)
    assert (refused.value.reason, refused.value.is_listed) == (reason, False)


def test_named_for_another_site(settings: Any) -> None:
    """Where one RP ID is set, a passkey of another address of the site signs in nowhere."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    with pytest.raises(Unreadable, match="another domain: testserver"):
        rp_id("testserver", of="testserver")


@pytest.mark.parametrize("year", [1, 1970, 3000, 9999])
def test_senseless_date(year: int) -> None:
    """A date at which pages would fail in some time zone is dropped; the passkey and its other dates stay (S5.2)."""
    senseless, lately = datetime(year, 1, 1, tzinfo=timezone.utc), datetime.now(timezone.utc)
    values, note = judged(created_at=senseless, last_used_at=lately, name="a" * 65)
    assert (values["created_at"], values["last_used_at"]) == (None, lately)
    assert note == "the name was shortened or cleaned, a date was dropped"
    assert judged(created_at=lately)[1] == ""
