"""Many requests at the same moment, each in a thread and on a connection of its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from ..helpers.steps import answer, ask, is_signed_in, outcome

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

    from otp_passkeys.models import Passkey
    from otp_passkeys.testing import Authenticator

T = TypeVar("T")
Credential = dict[str, Any]

AT_ONCE = 12
# What any of the safeguards prevents happens within three rounds once it is taken out.
ROUNDS = int(os.environ.get("RACE_ROUNDS", "6"))
# MariaDB makes one of two requests give way where PostgreSQL lets the second wait.
GIVES_WAY = {"try_again"} if connection.vendor == "mysql" else set()
LATE = {"challenge_spent"} | GIVES_WAY


class Race:
    """Twelve browsers with a thread each; threads and connections live as long as the test."""

    def __init__(self) -> None:
        self.browsers = [Client() for _ in range(AT_ONCE)]
        self.heard: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def at_once(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make all calls at the same moment; what one raises, such as a view, fails the test."""
        start = Barrier(len(calls), timeout=30)

        def run(call: Callable[[], T]) -> T:
            connections["default"].ensure_connection()
            start.wait()
            return call()

        return [future.result() for future in [self._pool.submit(run, call) for call in calls]]

    def copies(self, client: Client) -> list[Client]:
        """Return twelve times the same browser, as it is now."""
        now = {name: morsel.value for name, morsel in client.cookies.items()}
        for browser in self.browsers:
            browser.cookies.clear()
            browser.cookies.load(now)
        return self.browsers

    def answers(
        self, browsers: Sequence[Client], name: str, credentials: Sequence[Credential]
    ) -> list[str]:
        """Answer at once from each browser; return what each heard."""
        pairs = zip(browsers, credentials, strict=True)
        return self._outcomes([partial(answer, browser, name, made) for browser, made in pairs])

    def deletions(self, browsers: Sequence[Client], passkeys: Sequence[Passkey]) -> Counter[str]:
        """Delete at once, from each browser one passkey; return what was heard."""
        return Counter(
            self._outcomes(
                [
                    partial(
                        browser.post,
                        reverse("otp_passkeys:delete", args=[passkey.pk]),
                        {},
                        content_type="application/json",
                        secure=True,
                    )
                    for browser, passkey in zip(browsers, passkeys, strict=True)
                ]
            )
        )

    def close(self) -> None:
        """End the threads, each with its connection."""
        start = Barrier(AT_ONCE, timeout=30)

        def end() -> None:
            start.wait()
            connections.close_all()

        for future in [self._pool.submit(end) for _ in range(AT_ONCE)]:
            future.result()
        self._pool.shutdown()

    def _outcomes(self, calls: Sequence[Callable[[], Response]]) -> list[str]:
        heard = list(map(outcome, self.at_once(calls)))
        self.heard.update(heard)
        assert not [one for one in heard if one.startswith("5")]
        return heard


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make calls at the same moment, once."""
    race = Race()
    try:
        return race.at_once(calls)
    finally:
        race.close()


def sign_in_at_once(race: Race, authenticator: Authenticator, late: set[str] = LATE) -> None:
    """Bring one answer from twelve browsers, in each round: exactly one signs in, the others hear what is late."""
    client = Client()
    for _ in range(ROUNDS):
        client.cookies.clear()
        assertion = authenticator.get(ask(client, "authenticate-options"))
        browsers = race.copies(client)
        heard = Counter(race.answers(browsers, "authenticate", [assertion] * AT_ONCE))
        assert heard.pop("200") == inside(browsers) == 1
        assert set(heard) <= late


def inside(browsers: Sequence[Client]) -> int:
    """Return how many browsers are signed in; who has no session cookie is not."""
    return sum(
        is_signed_in(browser)
        for browser in browsers
        if settings.SESSION_COOKIE_NAME in browser.cookies
        and browser.cookies[settings.SESSION_COOKIE_NAME].value
    )
