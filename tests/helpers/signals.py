"""Django signals, written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.dispatch import Signal


@contextmanager
def sent(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    """Write down the arguments of a signal each time that it is sent.

    Yields a list that grows, one dict for each time.
    """
    calls: list[dict[str, Any]] = []

    def note(**arguments: Any) -> None:
        calls.append(arguments)

    signal.connect(note)
    try:
        yield calls
    finally:
        signal.disconnect(note)
