"""The clients: each a process with an authenticator and an account, signing in until the time is over."""

from __future__ import annotations

import multiprocessing
import queue
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from otp_passkeys.testing import Authenticator

from .browser import Browser, Unexpected
from .site import PASSWORD

REQUESTS = ["sign-in page", "options", "authenticate", "list"]
WHOLE = "whole ceremony"
_PATIENCE = 120  # seconds that a client may be slower than asked
_MAX_ERRORS = 5  # after so many a client gives up


@dataclass
class Result:
    """What one client did.

    :param sign_ins: those that the server said were good.
    :param seconds: how long each request took, and the whole ceremony, signing included.
    :param elapsed: from the start of the first ceremony to the end of the last.
    """

    name: str
    sign_ins: int = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    elapsed: float = 0.0

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        """Note how long something takes, if it does not fail."""
        started = time.perf_counter()
        yield
        self.seconds[what].append(time.perf_counter() - started)


def names(number: int) -> list[str]:
    """Return the names of so many accounts."""
    return [f"client-{n:03}" for n in range(number)]


def run(number: int, seconds: float, port: int) -> list[Result]:
    """Let clients sign in at once, and return what each did.

    :param number: how many processes.
    :param seconds: how long they begin new ceremonies.
    :param port: where the site is.
    """
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(number), context.Queue()
    arguments = (port, seconds, ready, results)
    processes = [
        context.Process(target=_client, args=(name, *arguments), daemon=True)
        for name in names(number)
    ]
    for process in processes:
        process.start()
    done = []
    try:
        for _process in processes:
            done.append(results.get(timeout=seconds + _PATIENCE))
    except queue.Empty:
        silent = sorted(set(names(number)) - {result.name for result in done})
        done += [Result(name, errors=[f"{name} did not report"]) for name in silent]
    for process in processes:
        process.join(timeout=5)
        process.kill()
    return done


def _client(name: str, port: int, seconds: float, ready: Any, results: Any) -> None:
    """Register a passkey, wait for the others, and sign in until the time is over."""
    result = Result(name)
    try:
        authenticator = _enrol(name, port)
        ready.wait(_PATIENCE)
        started = time.perf_counter()
        while time.perf_counter() - started < seconds and len(result.errors) < _MAX_ERRORS:
            try:
                with result.timing(WHOLE):
                    _sign_in(name, port, authenticator, result)
            except Exception as error:  # whatever it is, it is an error of the run
                result.errors.append(f"{name}: {type(error).__name__}: {error}")
        result.elapsed = time.perf_counter() - started
    except Exception as error:
        ready.abort()
        result.errors.append(f"{name}, before it could begin: {type(error).__name__}: {error}")
    results.put(result)


def _enrol(name: str, port: int) -> Authenticator:
    """Sign in with the password and add a passkey that counts its signatures."""
    with Browser(port) as browser:
        authenticator = Authenticator(origin=browser.origin, counter_step=1)
        browser.get("/passkeys/sign-in/")
        browser.send_form("/passkeys/sign-in/", {"username": name, "password": PASSWORD})
        options = browser.send_json("/passkeys/register/options/", {})
        answer = {"credential": authenticator.create(options), "nickname": f"Key of {name}"}
        browser.send_json("/passkeys/register/", answer, status=201)
    return authenticator


def _sign_in(name: str, port: int, authenticator: Authenticator, result: Result) -> None:
    """Sign in as a new browser does, and see a page that only this user sees."""
    page, options_request, answer_request, proof = REQUESTS
    with Browser(port) as browser:
        with result.timing(page):
            browser.get("/passkeys/sign-in/")
        with result.timing(options_request):
            options = browser.send_json("/passkeys/authenticate/options/", {})
        answer = {"credential": authenticator.get(options)}
        with result.timing(answer_request):
            browser.send_json("/passkeys/authenticate/", answer)
        result.sign_ins += 1
        with result.timing(proof):
            listed = browser.get("/passkeys/")
        if f"Key of {name}" not in listed:
            raise Unexpected("the list does not show the user's passkey")
