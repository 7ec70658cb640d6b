"""Compare times within one run: interleaved, as ratios of medians, beside what chance alone does.

A machine that is twice as slow, or busy, is so for all that is compared. What is left is noise, and a control says
how much: the first candidate is measured a second time under another name, and without noise that ratio would be 1.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Timed = Callable[[], float]
"""Does something once and returns how many seconds of it count."""


def timed(function: Callable[[], object]) -> Timed:
    """Return what does all of a function, and counts all of it."""

    def run() -> float:
        started = time.perf_counter()
        function()
        return time.perf_counter() - started

    return run


@dataclass(frozen=True)
class Ratio:
    """How much longer one thing takes than another.

    :param value: ratio of the medians.
    :param noise: how far the control's ratio is from 1.
    :param low, high: where 95 % of the ratios of resampled times lie.
    :param base: the median of what it is compared with, in seconds.
    """

    name: str
    value: float
    noise: float
    low: float
    high: float
    base: float
    rounds: int


class _Comparison:
    """Two things that are measured in turn, and the first once more as a control."""

    def __init__(self, name: str, base: Timed, other: Timed, warm_up: int) -> None:
        self._name = name
        self._candidates = {"base": base, "control": base, "other": other}
        self._seconds: dict[str, list[float]] = {key: [] for key in self._candidates}
        for _ in range(warm_up):
            for run in self._candidates.values():
                run()

    def measure(self, rounds: int) -> Ratio:
        """Measure each so often, and return what all measurements up to now say."""
        for _ in range(rounds):
            # In an order by chance: what follows a slow one may be slow because of it.
            for key in random.sample(list(self._candidates), len(self._candidates)):
                self._seconds[key].append(self._candidates[key]())
        median = {key: statistics.median(values) for key, values in self._seconds.items()}
        low, high = _interval(self._seconds["base"], self._seconds["other"])
        return Ratio(
            self._name,
            median["other"] / median["base"],
            abs(median["control"] / median["base"] - 1),
            low,
            high,
            median["base"],
            len(self._seconds["base"]),
        )


def compare(name: str, base: Timed, other: Timed, *, rounds: int, warm_up: int = 10) -> Ratio:
    """Compare two things.

    :param name: what is compared with what.
    :param base: what the other is compared with.
    :param rounds: how often each is measured.
    :param warm_up: how often each is run before.
    """
    return _Comparison(name, base, other, warm_up).measure(rounds)


def compare_until_quiet(
    name: str,
    base: Timed,
    other: Timed,
    *,
    rounds: int,
    noise: float,
    limit: float,
    tries: int = 5,
) -> list[Ratio]:
    """Compare, and go on where chance may have decided, up to a number of tries.

    Nothing measured is thrown away: each ratio is that of all times up to then, and the last one counts.

    :param noise: what the noise may be, such as 0.05.
    :param limit: what the ratio is compared with; chance may have decided where it is within the 95 %.
    """
    comparison = _Comparison(name, base, other, warm_up=10)
    ratios = [comparison.measure(rounds)]
    while len(ratios) < tries and (
        ratios[-1].noise > noise or ratios[-1].low <= limit <= ratios[-1].high
    ):
        ratios.append(comparison.measure(rounds))
    return ratios


def _interval(base: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """Return where 95 % of the ratios lie when the times are drawn again from themselves."""
    draws = sorted(
        statistics.median(random.choices(other, k=len(other)))
        / statistics.median(random.choices(base, k=len(base)))
        for _ in range(1000)
    )
    return percentile(draws, 2.5), percentile(draws, 97.5)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of the values do not exceed.

    :param ordered: values in ascending order, at least one.
    """
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def ratios_table(ratios: Iterable[Ratio]) -> str:
    """Return ratios as text."""
    lines = [["ratio of medians", "ratio", "95 %", "noise", "base ms", "rounds"]]
    lines += [
        [
            ratio.name,
            f"{ratio.value:.3f}",
            f"{ratio.low:.3f}-{ratio.high:.3f}",
            f"{ratio.noise:.1%}",
            f"{1000 * ratio.base:.3g}",
            str(ratio.rounds),
        ]
        for ratio in ratios
    ]
    return table(lines)


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells as aligned text; the first column is words, the others are figures."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
