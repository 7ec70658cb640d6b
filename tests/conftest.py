"""What the tests share: the actors, their clients, and the counter of statements."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.http import HttpRequest
from django.test import Client, RequestFactory

from otp_passkeys import challenges
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from .helpers.counting import counting
from .helpers.enrolled import give_passkey
from .helpers.steps import AtomicRequests, SignedIn, verify
from .sampling import half, sample, share
from .settings import DATABASE

pytest_plugins = ["otp_passkeys.testing.fixtures"]

PASSWORD = "correct horse battery staple"

# Where a marked test cannot run, and why.
RUNS_ELSEWHERE = {
    "server_database": (DATABASE == "sqlite", "SQLite lets one connection write at a time"),
    "postgresql": (DATABASE != "postgresql", "the database is not PostgreSQL"),
    "mariadb": (DATABASE != "mariadb", "the database is not MariaDB"),
    "database_sessions": (
        settings.SESSION_ENGINE != "django.contrib.sessions.backends.db",
        "the sessions are not in the database",
    ),
    "server_sessions": (
        settings.SESSION_ENGINE == "django.contrib.sessions.backends.signed_cookies",
        "the sessions are in cookies, and nobody can end an old cookie",
    ),
}

# What only a server's database can show; elsewhere it is skipped.
SERVER_MARKS = ("server_database", "postgresql", "mariadb")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Give each worker of pytest-xdist a database of its own, and SQLite's file the name of this very process.

    Mutation testing forks after the settings were read.
    """
    if DATABASE == "sqlite":
        name = Path(tempfile.gettempdir()) / f"otp_passkeys_{os.getpid()}.sqlite3"
        connections["default"].settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture
def alice(db: None) -> User:
    """Make alice, who has a name and an e-mail address."""
    return User.objects.create_user(
        "alice", "alice@example.com", PASSWORD, first_name="Alice", last_name="Archer"
    )


@pytest.fixture
def bob(db: None) -> User:
    """Make bob, who has a user name only."""
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def eve(db: None) -> User:
    """Make eve, who tries everything."""
    return User.objects.create_user("eve", "eve@example.com", PASSWORD)


@pytest.fixture
def csrf_client() -> Client:
    """Return a client whose requests are refused without a CSRF token, as a browser's are."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def signed_in() -> SignedIn:
    """Return a function that signs a user in on a new client, as if by password.

    The session of a user who has a passkey is verified, as if it had been used as the second factor;
    `verified=False` leaves it as the password opened it. Other keyword arguments go to `Client`:
    `signed_in(alice, enforce_csrf_checks=True)`.
    """

    def sign_in(user: User, *, verified: bool = True, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        passkey = Passkey.objects.filter(user=user, confirmed=True).first()
        if verified and passkey is not None:
            verify(client, passkey)
        return client

    return sign_in


@pytest.fixture
def passkey(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give alice the passkey of a real registration."""
    return give_passkey(alice, signed_in, authenticator)


@pytest.fixture(params=[False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def atomic_requests(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    """Run the test without and with ATOMIC_REQUESTS, with real commits."""
    with AtomicRequests() if request.param else nullcontext():
        yield


@pytest.fixture(autouse=True)
def protect_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test import the protected views: decorators run at import, and are what is tested there."""
    monkeypatch.delitem(sys.modules, "tests.reauthentication.urls", raising=False)


@pytest.fixture(autouse=True)
def purge_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer purge by chance, or what a request costs would be another in one run of 64."""
    monkeypatch.setattr(challenges, "PURGE_EVERY", 2**128)


@pytest.fixture
def purge_always(purge_never: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer purge."""
    monkeypatch.setattr(challenges, "PURGE_EVERY", 1)


@pytest.fixture
def request_of(rf: RequestFactory) -> Callable[[User], HttpRequest]:
    """Return a function that makes a request of a user whose session is stored."""

    def make(user: User) -> HttpRequest:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        request = rf.get("/")
        request.COOKIES["sessionid"] = client.cookies["sessionid"].value
        request.session = client.session
        request.user = user
        return request

    return make


@pytest.fixture
def count() -> Callable[..., Any]:
    """Return the counter: `with count(statements=7, commits=2): ...`."""
    return counting


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the browser tests together in whatever order, and take a sample if one is asked for.

    They share a loop that no other test may run in, so each change between the two starts a browser.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    names = [item.nodeid for item in items]
    chosen = set(names)
    if most := int(os.environ.get("SAMPLE", "0")):
        chosen = sample(names, most) | named(items, *SERVER_MARKS, "each_set")
    if which := os.environ.get("HALF"):
        chosen &= half(names, which) | named(items, *SERVER_MARKS, "each_database")
    if os.environ.get("ONLY") == "database":
        chosen &= {item.nodeid for item in items if uses_database(item)}
    if sets := os.environ.get("SETS"):
        others, in_turn = (named(items, mark) for mark in ("others", "in_turn"))
        chosen &= share(names, sets, others=others, in_turn=in_turn)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
    items[:] = [item for item in items if item.nodeid in chosen]


def named(items: list[pytest.Item], *marks: str) -> set[str]:
    """Return the node IDs of the tests that have one of the marks."""
    return {item.nodeid for item in items if any(map(item.get_closest_marker, marks))}


def uses_database(item: pytest.Item) -> bool:
    """Say whether a test may use the database: its mark or its fixtures ask for it."""
    asks = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(asks) or item.get_closest_marker("django_db") is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this database or session engine cannot show."""
    for mark, (elsewhere, reason) in RUNS_ELSEWHERE.items():
        if elsewhere and item.get_closest_marker(mark):
            pytest.skip(reason)


def _browsers_required() -> bool:
    """Say whether a browser test that does not run is a failure, as it is in CI."""
    return os.environ.get("OTP_PASSKEYS_REQUIRE_BROWSERS", "") not in ("", "0")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn the skip of a browser test into a failure."""
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, but browsers are required: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let no browser test be skipped where browsers are required."""
    report = yield
    if _browsers_required() and item.get_closest_marker("browser"):
        _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let no file of browser tests be skipped where browsers are required."""
    report = yield
    if _browsers_required() and "tests/browser" in collector.nodeid:
        _fail_if_skipped(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that browser tests did not run, and why."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if report.nodeid.startswith("tests/browser")
    ]
    if skipped:
        reasons = "; ".join(
            sorted({str(report.longrepr[-1]).removeprefix("Skipped: ") for report in skipped})
        )
        terminalreporter.write_line(f"{len(skipped)} browser tests did not run: {reasons}")
