"""What a challenge is: bytes that nobody can forge, and that live for ten minutes."""

from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from otp_passkeys import challenges
from otp_passkeys.challenges import Purpose
from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.testing import Authenticator, to_base64url

from ..helpers.clock import Clock, clock
from ..helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, issue, outcome, value

__all__ = ["clock"]  # a fixture

REGIONS = {  # of a challenge, in bytes
    "version": range(1),
    "purpose": range(1, 2),
    "verification": range(2, 3),
    "time": range(3, 11),
    "account": range(11, 27),
    "random": range(27, 43),
    "code": range(43, 75),
}


def rows() -> list[int]:
    """Count all that could be stored for a challenge."""
    return [model.objects.count() for model in (SpentChallenge, Session, UserHandle, Passkey)]


def test_asking_stores_nothing_for_a_visitor(client: Client, db: None) -> None:
    """T20: beginning writes nothing, however often: no row, no session, no cookie of one."""
    before = rows()
    for _ in range(3):
        assert ask(client, "authenticate-options")["allowCredentials"] == []
    assert rows() == before
    assert list(client.cookies) == ["csrftoken"]


@pytest.mark.parametrize("name", ["register-options", "authenticate-options"])
def test_asking_stores_nothing_for_a_user(passkey: Passkey, name: str, browser: Client) -> None:
    """T20: nor for a user, whose handle is there since the first passkey."""
    before, session = rows(), dict(browser.session)
    for _ in range(3):
        ask(browser, name)
    assert rows() == before
    assert dict(browser.session) == session


def test_each_is_another(client: Client, clock: Clock, db: None) -> None:
    """Two challenges of one browser in one second have nothing random in common."""
    one, two = (value(ask(client, "authenticate-options")) for _ in range(2))
    assert len(one) == len(two) == 75
    assert one[: REGIONS["random"].start] == two[: REGIONS["random"].start]
    assert one[27:43] != two[27:43]
    assert one[43:] != two[43:]


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.usefixtures("passkey")
def test_forged_byte(client: Client, authenticator: Authenticator, region: str) -> None:
    """T5: one wrong bit in any byte is a forgery, and eve can't fill the table with forgeries."""
    before = rows()
    options = ask(client, "authenticate-options")
    for index in REGIONS[region]:
        for bit in (0x01, 0x80):
            forged = bytearray(value(options))
            forged[index] ^= bit
            assertion = authenticator.get(options, challenge=to_base64url(bytes(forged)))
            response = answer(client, "authenticate", assertion)
            assert outcome(response) == "challenge_invalid", (index, bit)
    assert rows() == before
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == "200"


@pytest.mark.parametrize("part", ["", "0:43", "43:75", "0:74", "1:75", "0:75+1"])
@pytest.mark.usefixtures("passkey")
def test_forged_length(client: Client, authenticator: Authenticator, part: str) -> None:
    """T5: a part of a challenge, or one with a byte more, is none."""
    options = ask(client, "authenticate-options")
    span, _, more = part.partition("+")
    start, _, end = span.partition(":")
    forged = value(options)[int(start or 0) : int(end or 0)] + bytes(int(more or 0))
    assertion = authenticator.get(options, challenge=to_base64url(forged))
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_invalid"


def test_other_version(
    client: Client, authenticator: Authenticator, passkey: Passkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T5: a challenge that another release of the app issued, with a good code, is refused."""
    with monkeypatch.context() as other_release:
        other_release.setattr(challenges, "VERSION", challenges.VERSION + 1)
        options = ask(client, "authenticate-options")
    assertion = authenticator.get(options)
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_invalid"


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("limit", "age", "expected"),
    [
        (None, 0, "200"), (None, 600, "200"), (None, 601, "challenge_expired"),
        (None, -60, "200"), (None, -61, "challenge_invalid"),
        (30, 30, "200"), (30, 31, "challenge_expired"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("passkey")
def test_age(
    client: Client,
    authenticator: Authenticator,
    clock: Clock,
    settings: Any,
    limit: int | None,
    age: int,
    expected: str,
) -> None:
    """T4: it lives for ten minutes, or as long as is set; a clock may be a minute behind the one that issued it."""
    if limit:
        settings.OTP_PASSKEYS_CHALLENGE_MAX_AGE = limit
    options = ask(client, "authenticate-options")
    clock.now += age
    assert outcome(answer(client, "authenticate", authenticator.get(options))) == expected
    assert is_signed_in(client) == (expected == "200")


def test_row_outlives_the_challenge(
    client: Client, authenticator: Authenticator, passkey: Passkey, clock: Clock
) -> None:
    """T1: the row stands for an hour after the end, or a purge would let a replay in."""
    SpentChallenge.objects.all().delete()
    options = ask(client, "authenticate-options")
    clock.now += 400  # what counts is when it was issued
    answer(client, "authenticate", authenticator.get(options))
    expires_at = SpentChallenge.objects.get().expires_at.timestamp()
    assert expires_at == Clock.now + 600 + 3600


@pytest.mark.parametrize(
    ("issued", "answered"), [("required", "preferred"), ("preferred", "required")]
)
def test_challenge_remembers_whether_verification_was_required(
    client: Client,
    authenticator: Authenticator,
    passkey: Passkey,
    settings: Any,
    issued: str,
    answered: str,
) -> None:
    """T23: what counts is what the browser was asked for; nothing is read from the answer."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = issued
    options = ask(client, "authenticate-options")
    settings.OTP_PASSKEYS_USER_VERIFICATION = answered
    assertion = authenticator.get(options, user_verified=False, force=True)
    expected = "verification_failed" if issued == "required" else "200"
    assert outcome(answer(client, "authenticate", assertion)) == expected


@pytest.mark.parametrize(
    ("purpose", "expected"), [(Purpose.UPGRADE, "201"), (Purpose.REGISTER, "verification_failed")]
)
def test_presence_may_be_missing_for_an_upgrade_only(
    alice: User, authenticator: Authenticator, purpose: Purpose, expected: str, browser: Client
) -> None:
    """WebAuthn L3 §7.1 step 15: only a conditional create comes without a gesture."""
    options = ask(browser, "register-options")
    options["challenge"] = issue(browser, purpose, user=alice)
    made = authenticator.create(options, user_present=False)
    assert outcome(answer(browser, "register", made)) == expected
    assert Passkey.objects.exists() == (expected == "201")


@pytest.mark.usefixtures("passkey")
def test_confirmation_is_for_one_account(alice: User, bob: User, signed_in: SignedIn) -> None:
    """T22: bob's passkey does not confirm alice, and she stays signed in."""
    his = Authenticator()
    enrol(signed_in(bob), his)
    client = signed_in(alice, verified=False)
    assertion = his.get(
        ask(client, "authenticate-options"), force=True, credential=his.credentials[0]
    )
    assert outcome(answer(client, "authenticate", assertion)) == "credential_user_mismatch"
    assert client.session[SESSION_KEY] == str(alice.pk)
    assert "otp_device_id" not in client.session


def test_accounts_cannot_be_told_from_challenges(
    alice: User, signed_in: SignedIn, client: Client
) -> None:
    """A visitor's challenge names no account; an account reads differently each time."""
    region = slice(REGIONS["account"].start, REGIONS["account"].stop)
    hers = {value(ask(signed_in(alice), "authenticate-options"))[region] for _ in range(2)}
    assert len(hers) == 2
    assert bytes(16) not in hers
    assert value(ask(client, "authenticate-options"))[region] == bytes(16)
