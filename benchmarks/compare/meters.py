"""What is read of each request: instructions, processor time, statements and commits, or calls of functions."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from .instructions import Marks

Meter = Callable[[int], AbstractContextManager[None]]
"""Returns a context whose cost counts so often, and is taken away where that is negative."""


class Readable(Protocol):
    """A meter, and what it has read."""

    def __call__(self, sign: int = 1) -> AbstractContextManager[None]:
        """Return a context whose cost counts."""

    def read(self) -> Any:
        """Return what was read since the last time."""


class Nothing:
    """Reads nothing, and costs nothing."""

    @contextmanager
    def __call__(self, sign: int = 1) -> Iterator[None]:
        """Do nothing."""
        yield

    def read(self) -> Any:
        """Return nothing."""


class Instructions:
    """Marks what counts; callgrind writes the figures."""

    def __init__(self) -> None:
        self._marks = Marks()
        self.signs: list[int] = []

    @contextmanager
    def __call__(self, sign: int = 1) -> Iterator[None]:
        """Count what is done in the context."""
        gc.collect()  # so that rubbish of before is collected in no request by chance
        self._marks.begin()
        yield
        self._marks.end()
        self.signs.append(sign)

    def read(self) -> Any:
        """Return the signs of the figures since the last time."""
        signs, self.signs = self.signs, []
        return signs


class Seconds:
    """Counts the processor time of this process: others' work is not in it."""

    def __init__(self) -> None:
        self._seconds = 0.0

    @contextmanager
    def __call__(self, sign: int = 1) -> Iterator[None]:
        """Count what is done in the context."""
        gc.collect()
        started = time.process_time()
        yield
        self._seconds += sign * (time.process_time() - started)

    def read(self) -> Any:
        """Return the seconds since the last time."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds


class Database:
    """Counts statements and commits."""

    def __init__(self) -> None:
        self._counted = [0, 0]

    @contextmanager
    def __call__(self, sign: int = 1) -> Iterator[None]:
        """Count what is done in the context."""
        from tests.helpers.counting import counting

        with counting() as count:
            yield
        self._counted[0] += sign * len(count.statements)
        self._counted[1] += sign * count.commits

    def read(self) -> Any:
        """Return statements and commits since the last time."""
        counted, self._counted = self._counted, [0, 0]
        return counted


class Calls:
    """Counts calls of functions, of Python's and of C's: the same twice, and quick, but blind to what C does."""

    # How many random numbers are drawn until one fits is chance.
    _BY_CHANCE = ("random.py", "secrets.py", "crypto.py")

    def __init__(self) -> None:
        self._calls = 0

    @contextmanager
    def __call__(self, sign: int = 1) -> Iterator[None]:
        """Count what is done in the context."""

        def note(frame: Any, event: str, argument: Any) -> None:
            if event in {"call", "c_call"} and not frame.f_code.co_filename.endswith(
                self._BY_CHANCE
            ):
                self._calls += sign

        gc.collect()
        sys.setprofile(note)
        yield
        sys.setprofile(None)

    def read(self) -> Any:
        """Return the calls since the last time."""
        calls, self._calls = self._calls, 0
        return calls
