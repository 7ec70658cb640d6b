"""Choose a sample of the tests, for what proves on one more Python or database what is proved on the others.

A test that tries each of many cases in each of several ways, and would prove the same thing many times, lets the ways
take turns, and has the mark ``in_turn``. The variable CORPUS says what is tried: each case ``once``, by default, or in
the ``whole`` of its ways.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

Case = TypeVar("Case")
Way = TypeVar("Way")

# What chooses tests in the environment; a run that a test starts is to be whole.
VARIABLES = ("SAMPLE", "PART", "ONLY", "SETS")

# What only a server's database can show; elsewhere it is skipped.
SERVER_MARKS = ("server_database", "postgresql", "mariadb")
IN_EACH_PART = re.compile(rf"\bmark\.({'|'.join(SERVER_MARKS)}|each_database)\b")

TRIED = os.environ.get("CORPUS", "once")


def is_turn(number: int, way: Way, ways: Sequence[Way]) -> bool:
    """Say whether a case is tried in one of its ways here.

    :param number: which case it is; the ways take turns.
    :param way: one of its ways.
    :param ways: all of them.
    """
    return {"once": way == ways[number % len(ways)], "whole": True}[TRIED]


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


def share(names: list[str], which: str, *, whole: set[str], extended: set[str]) -> set[str]:
    """Return the share of one of two runs, which together leave nothing out.

    :param names: the node IDs of pytest, in their order.
    :param which: `first` for one parameter set of each test, or `rest` for what that leaves out.
    :param whole: those that the first run takes in each of their sets.
    :param extended: those that only the rest has.
    """
    first = (sample(names, 1) | whole) - extended
    return {"first": first, "rest": set(names) - first}[which]


def part(files: Iterable[Path], which: str) -> set[Path]:
    """Return one of several parts of the files of tests.

    :param files: the files, in any order.
    :param which: `1/3` for the first file of each three, `3/3` for the last.
    """
    number, parts = map(int, which.split("/"))
    return set(sorted(files)[number - 1 :: parts])


def is_in_each_part(file: Path) -> bool:
    """Say whether a file has tests that only a server's database can show, or that show something else on each.

    It is not imported: that would take what a part saves.
    """
    return bool(IN_EACH_PART.search(file.read_text("utf-8")))
