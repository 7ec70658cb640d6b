"""Wait until nothing is under way any more: in a page, between browser and server, and on the server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from django.core.signals import request_finished, request_started
from playwright.sync_api import BrowserContext, Error, Page, Request

from .chromium import until

# Timers run in the order in which they are due, and the scripts use one of 50 ms before they say something. What a page
# asks the browser for, a signal for one, is answered in the order of asking. Answers with what is known of the locks.
ROUND = """async () => {
  await new Promise((done) => setTimeout(done, 60));
  await window.PublicKeyCredential?.getClientCapabilities?.();
  const { held = [], pending = [] } = (await navigator.locks?.query()) ?? {};
  return [location.href, held.length, pending.length, document.readyState];
}"""

# How many hold, and how many wait for, the lock that syncs and registrations share.
HELD = "navigator.locks.query().then(({ held }) => held.length)"
WAITING = "navigator.locks.query().then(({ pending }) => pending.length)"


class RequestsInProgress:
    """Count what the server is at, so that no late request writes into the next test's database."""

    def __init__(self) -> None:
        # By threads, each of which is at one request: a late one that began before this test must not end another's.
        self._threads: set[int] = set()
        self._changed = threading.Condition()
        request_started.connect(self._begin)
        request_finished.connect(self._end)

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self._threads)

    def _begin(self, **_: object) -> None:
        with self._changed:
            self._threads.add(threading.get_ident())

    def _end(self, **_: object) -> None:
        with self._changed:
            self._threads.discard(threading.get_ident())
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until the server has answered everything that it was asked."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._threads, timeout=10)

    def close(self) -> None:
        """Stop counting."""
        request_started.disconnect(self._begin)
        request_finished.disconnect(self._end)


class Traffic:
    """What the pages of a browser profile have asked for, and what of it is not answered yet."""

    _of: WeakKeyDictionary[BrowserContext, Traffic] = WeakKeyDictionary()

    def __init__(self, context: BrowserContext, server: RequestsInProgress) -> None:
        self.server = server
        self.begun = 0
        self._open: set[Request] = set()
        context.on("request", self._begin)
        context.on("requestfinished", self._end)
        context.on("requestfailed", self._end)
        self._of[context] = self

    @classmethod
    def of(cls, page: Page) -> Traffic:
        """Find the traffic of the profile that a page belongs to."""
        return cls._of[page.context]

    @classmethod
    def watches(cls, page: Page) -> bool:
        """Say whether the traffic of a page is known: not where JavaScript is turned off, and nothing is sent."""
        return page.context in cls._of

    def _begin(self, request: Request) -> None:
        self.begun += 1
        self._open.add(request)

    def _end(self, request: Request) -> None:
        self._open.discard(request)

    def open(self) -> int:
        """Count what is not answered yet."""
        return len(self._open)


def settled(page: Page, *, held: int = 0) -> None:
    """Wait until nothing that the page, its profile and the server have begun is still under way.

    That is when two rounds through the page's tasks and short timers found the same and saw no request. What waits
    for a user, for an authenticator or for a timer of seconds is not waited for.

    :param held: how many requests the test itself keeps from being answered.
    """
    traffic = Traffic.of(page)
    before: list[Any] = []

    def quiet() -> bool:
        try:
            now = [traffic.begun, page.evaluate(ROUND)]
        except Error:  # the page is just being replaced
            return False
        calm = now == before and traffic.begun == now[0]
        before[:] = now
        return calm and traffic.open() <= held and traffic.server.count <= held

    until(page, quiet, what="a quiet page", seconds=15)


def hurry(page: Page, condition: Callable[[], bool], *, what: str) -> None:
    """Wait until `condition` holds, in a page whose clock is installed and moved on by half a second at each look."""

    def holds() -> bool:
        page.clock.run_for(500)
        return condition()

    until(page, holds, what=what)


def unlocked(page: Page) -> None:
    """Wait until no sync or registration holds the lock: the script is done."""
    until(page, lambda: page.evaluate(HELD) == 0, what="a lock that nobody holds")


def queued(page: Page, number: int = 1, *, held: int = 0) -> None:
    """Wait until so many syncs and registrations, of whatever tab, wait for the lock, and nothing else is under way.

    :param held: how many requests the test itself keeps from being answered.
    """
    until(page, lambda: page.evaluate(WAITING) == number, what=f"{number} that wait for the lock")
    settled(page, held=held)
