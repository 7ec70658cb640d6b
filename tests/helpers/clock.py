"""A clock that a test moves, where challenges are issued, read, spent and purged."""

import pytest

from otp_passkeys import challenges


class Clock:
    """Stands in for `time` there."""

    now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stop the clock of the challenges; a test moves it by hand."""
    stopped = Clock()
    monkeypatch.setattr(challenges, "time", stopped)
    return stopped
