"""The counter of an assertion: it grows, repeats where nobody counts, and may fall where a passkey is synced."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.signals import passkey_refused, passkey_used
from otp_passkeys.testing import Authenticator, sign_in

from ...helpers.rows import row
from ...helpers.signals import sent
from ...helpers.steps import SignedIn, enrol, is_signed_in, outcome


class LetsCountsRepeat(Policy):
    """What a site decides that has keys which count wrongly."""

    def sign_count_may_repeat(self, passkey: Passkey) -> bool:
        """Let each of them in."""
        return passkey.backup_eligible is False


@pytest.mark.parametrize(
    ("stored", "counter"),
    [(0, 0), (0, 1), (1, 2), (0, 2**32 - 1), (2**31 - 1, 2**31), (2**32 - 2, 2**32 - 1)],
)
def test_lets_a_counter_grow(
    passkey: Passkey, authenticator: Authenticator, stored: int, counter: int
) -> None:
    """Zero after zero passes, and so does whatever grows, up to 32 bits (step 22; the nine, 8)."""
    Passkey.objects.update(sign_count=stored)
    assert outcome(sign_in(Client(), authenticator, counter=counter)) == "200"
    assert row(passkey)["sign_count"] == counter


DID_NOT_GROW = [(1, 0), (1, 1), (5, 4), (2**32 - 1, 2**32 - 1), (2**32 - 1, 0)]


@pytest.fixture
def security_key() -> Authenticator:
    """Return an authenticator whose passkeys are bound to it."""
    return Authenticator(backup_eligible=False)


@pytest.mark.parametrize(("stored", "counter"), DID_NOT_GROW)
def test_refuses_a_counter_that_does_not_grow(
    security_key: Authenticator, stored: int, counter: int, browser: Client
) -> None:
    """A clone of a device-bound passkey is refused and announced, and nothing is written (T32; the nine, 8)."""
    passkey = enrol(browser, security_key)
    Passkey.objects.update(sign_count=stored)
    before = row(passkey)
    client = Client()
    with sent(passkey_refused) as refused:
        response = sign_in(client, security_key, counter=counter)
    assert response.status_code == 422
    assert outcome(response) == "verification_failed"
    assert row(passkey) == before
    assert not is_signed_in(client)
    (call,) = refused
    assert (call["user"], call["passkey"]) == (passkey.user, passkey)
    assert call["error"].code == "verification_failed"


@pytest.mark.parametrize(("counter", "kept"), [(0, 5), (4, 5), (5, 5), (6, 6)])
def test_lets_a_counter_repeat_where_the_site_says_so(
    alice: User,
    signed_in: SignedIn,
    security_key: Authenticator,
    settings: Any,
    counter: int,
    kept: int,
) -> None:
    """The policy lets a device-bound counter repeat; what is stored never shrinks."""
    settings.OTP_PASSKEYS_POLICY = LetsCountsRepeat
    passkey = enrol(signed_in(alice), security_key)
    Passkey.objects.update(sign_count=5)
    assert outcome(sign_in(Client(), security_key, counter=counter)) == "200"
    after = row(passkey)
    assert (after["sign_count"], after["sign_count_fell_at"]) == (kept, None)


def test_follows_a_counter_over_many_uses(security_key: Authenticator, browser: Client) -> None:
    """Each use must exceed the last; the first of a clone's is refused (step 22)."""
    enrol(browser, security_key, counter=3)
    security_key.counter_step = 1
    assert [outcome(sign_in(Client(), security_key)) for _ in range(3)] == ["200"] * 3
    assert Passkey.objects.get().sign_count == 6
    security_key.credentials[0].sign_count = 4
    assert outcome(sign_in(Client(), security_key)) == "verification_failed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize(("stored", "counter"), DID_NOT_GROW)
def test_lets_the_counter_of_a_synced_passkey_fall(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    stored: int,
    counter: int,
    repeats: bool,
) -> None:
    """It was moved to another password manager: let in, logged, noted, and its new counter is stored (T32)."""
    settings.OTP_PASSKEYS_POLICY = LetsCountsRepeat if repeats else Policy
    Passkey.objects.update(sign_count=stored)
    client = Client()
    with sent(passkey_refused) as refused, sent(passkey_used) as used:
        assert outcome(sign_in(client, authenticator, counter=counter)) == "200"
    assert is_signed_in(client)
    after = row(passkey)
    assert after["sign_count"] == counter
    assert after["sign_count_fell_at"] == after["last_used_at"] is not None
    assert refused == []
    announced = used[0]["passkey"]
    assert (announced.sign_count, announced.sign_count_fell_at) == (counter, after["last_used_at"])
    assert (
        f"The sign count of the synced passkey with number {passkey.pk} did not grow: {counter} after {stored}"
        in caplog.messages
    )


def test_notes_a_move_once(passkey: Passkey, authenticator: Authenticator) -> None:
    """A manager that counts from its own number is followed from there; when it fell stays noted."""
    Passkey.objects.update(sign_count=500)
    authenticator.credentials[0].sign_count = 2
    authenticator.counter_step = 1
    assert outcome(sign_in(Client(), authenticator)) == "200"
    noted = row(passkey)["sign_count_fell_at"]
    assert [outcome(sign_in(Client(), authenticator)) for _ in range(2)] == ["200"] * 2
    after = row(passkey)
    assert (after["sign_count"], after["sign_count_fell_at"]) == (5, noted)


def test_notes_nothing_where_nobody_counts(
    passkey: Passkey, authenticator: Authenticator, caplog: pytest.LogCaptureFixture
) -> None:
    """Zero after zero is what nearly all synced passkeys send."""
    assert outcome(sign_in(Client(), authenticator, counter=0)) == "200"
    assert row(passkey)["sign_count_fell_at"] is None
    assert "did not grow" not in caplog.text


def test_clone_cannot_call_itself_synced(security_key: Authenticator, browser: Client) -> None:
    """The flag that was stored at registration decides: BE never changes (T32; steps 19 and 22)."""
    enrol(browser, security_key, counter=9)
    response = sign_in(Client(), security_key, counter=3, backup_eligible=True)
    assert outcome(response) == "verification_failed"
    assert Passkey.objects.get().sign_count == 9
