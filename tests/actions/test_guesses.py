"""How often a session may guess a password where the site sets no limit (T31)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from otp_passkeys import challenges
from otp_passkeys.actions import guesses
from otp_passkeys.actions.guesses import GUESSES, PERIOD, TooManyGuesses, count_guess
from otp_passkeys.actions.ways import Way
from otp_passkeys.actions.ways.password import PasswordForm
from otp_passkeys.exceptions import ReauthenticationFailed
from otp_passkeys.models import SpentChallenge
from otp_passkeys.reauthentication import consume, forget

from ..conftest import PASSWORD
from ..helpers.counting import counting
from ..helpers.reauthentication import give, grow_old, keep
from ..helpers.sign_out_elsewhere import end_others
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, copy, outcome

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

BEGINS = 2_500_000 * PERIOD  # a moment in the past at which a period begins


class Clock:
    """What the module asks for the time."""

    now: float = BEGINS + 60

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let no period end in the middle of a test."""
    clock = Clock()
    monkeypatch.setattr(guesses, "time", clock)
    return clock


def guess(client: Client, times: int = 1, password: str = "wrong") -> Counter[int]:
    """Give a password on the page that asks, and return how often there was which status."""
    return Counter(give(client, password=password).status_code for _ in range(times))


def is_too_many(response: Response, seconds: int) -> bool:
    """Say whether a guess was refused for so many seconds."""
    return response.status_code == 429 and response["Retry-After"] == str(seconds)


@pytest.mark.extended
def test_many_guesses(alice: User, signed_in: SignedIn) -> None:
    """T31: of 118 guesses in a row ten are judged, which packages that count tries see; the others are not."""
    with sent(user_login_failed) as failures:
        assert guess(signed_in(alice), 118) == {422: GUESSES, 429: 118 - GUESSES}
    assert len(failures) == GUESSES
    assert SpentChallenge.objects.count() == GUESSES


def test_right_password_too_late(clock: Clock, browser: Client) -> None:
    """T31: the right password is refused as the eleventh, and taken when the period is over."""
    grow_old(browser)
    before = dict(browser.session)
    guess(browser, GUESSES)
    with sent(user_login_failed) as failures:
        response = give(browser, password=PASSWORD)
    assert is_too_many(response, PERIOD - 60)
    assert (
        "There were too many tries. Try again in 9\N{NO-BREAK SPACE}minutes."
        in response.content.decode()
    )
    assert failures == []
    assert dict(browser.session) == before
    clock.now = BEGINS + PERIOD - 0.5
    response = give(browser, password=PASSWORD)
    assert is_too_many(response, 1)
    assert "Try again in 1\N{NO-BREAK SPACE}minute." in response.content.decode()
    clock.now = BEGINS + PERIOD
    assert guess(browser, password=PASSWORD) == {302: 1}


@pytest.mark.parametrize(
    ("passed", "minutes"), [(0, 10), (1, 10), (60, 9), (539, 2), (540, 1), (599, 1)]
)
def test_time_to_wait(
    alice: User, request_of: Any, clock: Clock, passed: int, minutes: int
) -> None:
    """T31: nobody waits for more than ten minutes, and the message says how many, rounded up."""
    request = request_of(alice)
    clock.now = BEGINS + passed
    for _ in range(GUESSES):
        count_guess(request, "password")
    with pytest.raises(TooManyGuesses) as refusal:
        count_guess(request, "password")
    assert refusal.value.retry_after == PERIOD - passed
    assert f" {minutes}\N{NO-BREAK SPACE}minute" in str(refusal.value.message)


def test_other_sessions_go_on(alice: User, eve: User, signed_in: SignedIn) -> None:
    """T31: whoever guesses in one session locks out nobody in another, of the same user or of another."""
    thief, owner, other = signed_in(alice), signed_in(alice), signed_in(eve)
    guess(thief, GUESSES)
    assert guess(thief, password=PASSWORD) == {429: 1}
    assert guess(owner, password=PASSWORD) == {302: 1}
    assert guess(other, password=PASSWORD) == {302: 1}


def test_a_copy_is_the_same_session(browser: Client) -> None:
    """T31: a stolen cookie brings no guesses of its own, nor does a session key of another request."""
    assert guess(copy(browser), 5) + guess(browser, 6) == {422: GUESSES, 429: 1}
    keep(browser, anything="else")
    assert guess(copy(browser)) == {429: 1}


def test_a_proof_begins_anew(browser: Client) -> None:
    """T31: whoever gave the right password may mistype it as often again."""
    guess(browser, GUESSES - 1)
    assert guess(browser, password=PASSWORD) == {302: 1}
    assert guess(browser, GUESSES) == {422: GUESSES}


def test_pages_share_them(browser: Client) -> None:
    """T31: the page that signs out elsewhere asks for the same password, and has no guesses of its own."""
    guess(browser, 6)
    heard = [end_others(browser, password="wrong").status_code for _ in range(5)]
    assert heard == [422] * 4 + [429]
    before = User.objects.get().password
    assert is_too_many(end_others(browser, password=PASSWORD), PERIOD - 60)
    response = end_others(browser, as_json=True, password=PASSWORD)
    assert is_too_many(response, PERIOD - 60)
    assert outcome(response) == "throttled"
    assert "Try again in 9\N{NO-BREAK SPACE}minutes." in response.json()["detail"]
    assert User.objects.get().password == before


def test_nothing_typed_is_no_guess(browser: Client) -> None:
    """T31: an empty form is not judged and costs nothing."""
    assert guess(browser, 11, password="") == {422: 11}
    assert end_others(browser, as_json=True).status_code == 422
    assert not SpentChallenge.objects.exists()


def test_proof_that_was_used_up(alice: User, request_of: Any) -> None:
    """T31: a proof that opened a view once is still what the guesses of its session are counted for."""
    request = request_of(alice)
    count_guess(request, "password")
    consume(request)
    for _ in range(GUESSES - 1):
        count_guess(request, "password")
    with pytest.raises(TooManyGuesses):
        count_guess(request, "password")


@pytest.mark.parametrize("without", ["proof", "session"])
def test_without_a_proof(alice: User, eve: User, request_of: Any, without: str) -> None:
    """T31: sessions that prove nothing, which a proxy's header opens anew as often as one likes, share ten."""

    def bare(user: User) -> HttpRequest:
        request: HttpRequest = request_of(user)
        forget(request)
        if without == "session":
            del request.session
        return request

    for _ in range(GUESSES):
        count_guess(bare(alice), "password")
    with pytest.raises(TooManyGuesses):
        count_guess(bare(alice), "password")
    count_guess(bare(eve), "password")
    count_guess(request_of(alice), "password")


def test_second_guess(alice: User, request_of: Any) -> None:
    """T31: whoever mistypes once pays one insert for the second try too, unless chance gives both the same number."""
    costs = []
    for _ in range(20):
        request = request_of(alice)
        count_guess(request, "password")
        with counting() as seen:
            count_guess(request, "password")
        costs.append(len(seen.statements))
    assert set(costs) <= {1, 3}
    assert costs.count(1) > costs.count(3)


class PinWay(Way):
    """A way of a site that shares the limit."""

    name = "pin"
    label = "Use your PIN"

    @classmethod
    def of(cls, request: HttpRequest) -> Iterable[Way]:
        return [cls(request.user)]

    def form(self, data: Mapping[str, Any] | None = None) -> PasswordForm:
        return PasswordForm(data)

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> None:
        count_guess(request, self.name)
        if data["password"] != "0815":
            raise ReauthenticationFailed("wrong PIN")


def test_way_of_the_site(settings: Any, browser: Client) -> None:
    """T31: a way of the site may share the limit, with ten of its own."""
    settings.OTP_PASSKEYS_REAUTHENTICATION_WAYS = [
        f"{__name__}.PinWay",
        "otp_passkeys.actions.ways.PasswordWay",
    ]
    heard = [give(browser, "pin", password="4711").status_code for _ in range(11)]
    assert heard == [422] * GUESSES + [429]
    assert guess(browser, password=PASSWORD) == {302: 1}


def test_purged_with_spent_challenges(alice: User, signed_in: SignedIn) -> None:
    """T31: what was counted is purged, an hour after the period at the earliest."""
    guess(signed_in(alice), 2)
    for row in SpentChallenge.objects.all():
        assert row.expires_at.timestamp() == BEGINS + PERIOD + 3600
    assert challenges.purge() == 2


def test_clock_of_the_machine(
    alice: User, request_of: Any, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """T31: the period is one of the machine's own clock."""
    monkeypatch.undo()
    count_guess(request_of(alice), "password")
    ends = SpentChallenge.objects.get().expires_at
    assert 3600 <= (ends - timezone.now()).total_seconds() <= 3600 + PERIOD
