"""Any process finishes what another began: nothing is kept in one."""

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator, register

from ..helpers.steps import SignedIn
from .serving import Browser, serving

pytestmark = [
    pytest.mark.extended,
    pytest.mark.each_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork()"),
]

SIGN_INS = 50
AT_ONCE = 4  # or one worker may be quick enough to take them all


def enrolled(alice: User, signed_in: SignedIn, port: int) -> Authenticator:
    """Return an authenticator with a passkey of alice's for the site at a port."""
    authenticator = Authenticator(origin=f"http://localhost:{port}")
    assert register(signed_in(alice), authenticator).status_code == 201
    return authenticator


def meet(pool: ThreadPoolExecutor, port: int, *, workers: int) -> None:
    """Wait until each worker has answered, for one may be ready long before the other."""
    met: set[str] = set()
    end = time.monotonic() + 60
    while len(met) < workers:
        assert time.monotonic() < end
        met |= {browser.process for browser in pool.map(Browser, [port] * AT_ONCE)}


def test_two_workers(alice: User, signed_in: SignedIn) -> None:
    """DESIGN's "any worker can finish what another began": fifty sign-ins, no connection kept."""
    with serving(workers=2) as port:
        authenticator = enrolled(alice, signed_in, port)

        def sign_in(_: int) -> tuple[str, str]:
            browser = Browser(port)
            status, options = browser.request("POST", "authenticate-options")
            assert status == 200, options
            began = browser.process
            body = {"credential": authenticator.get(options)}
            status, answer = browser.request("POST", "authenticate", body)
            assert status == 200, answer
            finished = browser.process
            assert browser.request("GET", "sync")[0] == 200
            status, refusal = Browser(port).request("POST", "authenticate", body)
            assert status == 400, refusal
            return began, finished

        with ThreadPoolExecutor(AT_ONCE) as pool:
            meet(pool, port, workers=2)
            met = Counter(pool.map(sign_in, range(SIGN_INS)))
    assert len({process for pair in met for process in pair}) == 2
    assert any(began != finished for began, finished in met)
    assert sum(met.values()) == SIGN_INS
    assert SpentChallenge.objects.count() == SIGN_INS + 1  # and the registration's


def test_two_servers(alice: User, signed_in: SignedIn) -> None:
    """T1: one process asks, another hears the answer, and the first knows that it was given."""
    with serving(workers=1) as first, serving(workers=1) as second:
        authenticator, browser = enrolled(alice, signed_in, first), Browser(first)
        _, options = browser.request("POST", "authenticate-options")
        began, before = browser.process, dict(browser.cookies)
        body: dict[str, Any] = {"credential": authenticator.get(options)}
        assert browser.request("POST", "authenticate", body, port=second)[0] == 200
        assert browser.process != began
        assert browser.request("GET", "sync", port=first)[0] == 200
        replay = Browser(first)
        replay.cookies = before
        status, refusal = replay.request("POST", "authenticate", body, port=first)
        assert (status, refusal["code"]) == (400, "challenge_spent")
        assert replay.process == began
    assert Passkey.objects.get().last_used_at is not None
