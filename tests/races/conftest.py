"""The race, and what was heard in it."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from .racing import ROUNDS, Race

FIGURES = pytest.StashKey[dict[str, Counter[str]]]()


@pytest.fixture
def race(request: pytest.FixtureRequest, transactional_db: None, settings: Any) -> Iterator[Race]:
    """Make the race of a test."""
    # A thousand rounds take longer than a proof lasts.
    settings.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE = 86400
    settings.OTP_PASSKEYS_NOTIFY = False  # mails have tests of their own
    race = Race()
    yield race
    race.close()
    request.config.stash.setdefault(FIGURES, {})[request.node.name] = race.heard


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was heard, where somebody asked for a number of rounds."""
    if "RACE_ROUNDS" in os.environ:
        for name, heard in config.stash.get(FIGURES, {}).items():
            counts = ", ".join(f"{code} {count}" for code, count in sorted(heard.items()))
            terminalreporter.write_line(f"{ROUNDS} rounds of {name}: {counts}")
