"""What of the tests runs: a sample, what this database can show, and browser tests where browsers are required."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from .sampling import SERVER_MARKS, is_in_each_part, part, sample, share
from .settings import DATABASE

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


@cache
def files_of_this_part() -> set[Path]:
    """Return the files of tests that PART in the environment names, and on a server those that none leaves out."""
    files = set(Path(__file__).parent.rglob("test_*.py"))
    always = set() if DATABASE == "sqlite" else set(filter(is_in_each_part, files))
    return part(files, os.environ["PART"]) | always


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the files of other parts out before they cost anything."""
    is_of_tests = collection_path.match("test_*.py") and collection_path.is_file()
    if os.environ.get("PART") and is_of_tests:
        return collection_path not in files_of_this_part() or None
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the browser tests together in whatever order, and take a sample if one is asked for.

    They share a loop that no other test may run in, so each change between the two starts a browser.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    names = [item.nodeid for item in items]
    chosen = set(names)
    if most := int(os.environ.get("SAMPLE", "0")):
        chosen = sample(names, most) | named(items, *SERVER_MARKS)
    with_database = {item.nodeid for item in items if uses_database(item)}
    if os.environ.get("ONLY") == "database":
        chosen &= with_database
    if sets := os.environ.get("SETS"):
        whole = named(items, "each_set") | set(names) - with_database
        chosen &= share(names, sets, whole=whole, extended=named(items, "extended"))
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
    items[:] = [item for item in items if item.nodeid in chosen]


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through thousands of collected tests again and again."""
    gc.collect()
    gc.freeze()


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
