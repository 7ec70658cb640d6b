"""A sample leaves no test out, and what one run leaves out another takes."""

from __future__ import annotations

from .sampling import TRIED, sample, share, taking_turns


def test_few_are_all_taken() -> None:
    """A test without parameters is taken, and so are as many sets as asked for."""
    names = ["a", "b[1]", "b[2]", "c[1]", "c[2]", "c[3]"]
    assert sample(names, 3) == set(names)


def test_many_are_spread() -> None:
    """Of many sets the first and the last are taken, and some between them."""
    names = [f"a[{number}]" for number in range(9)] + ["b[x[1]]"]
    assert sample(names, 3) == {"a[0]", "a[4]", "a[8]", "b[x[1]]"}
    assert sample(names, 1) == {"a[0]", "b[x[1]]"}
    assert sample(names, 2) == {"a[0]", "a[8]", "b[x[1]]"}


def test_two_runs_share() -> None:
    """One run takes the first set of each shared test and the other run all the others; both take the rest."""
    names = {"a", "b[1]", "b[2]", "b[3]", "c"}
    shared = ["b[1]", "b[2]", "b[3]", "c"]
    assert share(names, shared, "first") == {"a", "b[1]", "c"}
    assert share(names, shared, "others") == {"a", "b[2]", "b[3]"}


def test_ways_take_turns() -> None:
    """Each case is tried in one way, in all others, or in all; the ways are spread over the cases."""
    tried = {
        "once": [("a", 1), ("b", 2), ("c", 1)],
        "others": [("a", 2), ("b", 1), ("c", 2)],
        "whole": [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1), ("c", 2)],
    }
    assert taking_turns("abc", [1, 2]) == tried[TRIED]
