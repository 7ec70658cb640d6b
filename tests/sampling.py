"""Choose a sample of the tests, for what proves on one more Python or database what is proved on the others.

A test that tries each of many cases in each of several ways, and would prove the same thing many times, lets the ways
take turns, and has the mark ``in_turn``. The variable CORPUS says what is tried: each case ``once``, by default; in
all ``others`` of its ways; or in the ``whole`` of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TypeVar

Case = TypeVar("Case")
Way = TypeVar("Way")

TRIED = os.environ.get("CORPUS", "once")


def is_turn(number: int, way: Way, ways: Sequence[Way]) -> bool:
    """Say whether a case is tried in one of its ways here.

    :param number: which case it is; the ways take turns.
    :param way: one of its ways.
    :param ways: all of them.
    """
    turn = way == ways[number % len(ways)]
    return {"once": turn, "others": not turn, "whole": True}[TRIED]


def taking_turns(cases: Iterable[Case], ways: Sequence[Way]) -> list[tuple[Case, Way]]:
    """Return each case with the ways in which it is tried here.

    :param cases: the cases, in their order.
    :param ways: the ways of each of them.
    """
    return [
        (case, way)
        for number, case in enumerate(cases)
        for way in ways
        if is_turn(number, way, ways)
    ]


def sample(names: Iterable[str], most: int) -> set[str]:
    """Return at most so many parameter sets of each test, spread from its first to its last.

    :param names: the node IDs of pytest, in their order.
    :param most: how many, at least one.
    """
    tests: dict[str, list[str]] = {}
    for name in names:
        tests.setdefault(name.partition("[")[0], []).append(name)
    chosen: set[str] = set()
    for sets in tests.values():
        count = min(most, len(sets))
        step = (len(sets) - 1) / max(count - 1, 1)
        chosen |= {sets[round(number * step)] for number in range(count)}
    return chosen


def share(names: set[str], tests: list[str], sets: str) -> set[str]:
    """Return the names without those of the tests that are the other run's share.

    :param tests: the node IDs of the tests that two runs share between them, in their order.
    :param sets: `first` for the first parameter set of each of them, `others` for all but that.
    """
    first = sample(tests, 1)
    return names - {"first": set(tests) - first, "others": first}[sets]
