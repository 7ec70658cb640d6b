"""A sample leaves no test out, and what one run leaves out another takes."""

from pathlib import Path

import pytest

from .sampling import (
    SERVER_MARKS,
    TRIED,
    is_in_each_part,
    part,
    sample,
    share,
    taking_turns,
)


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
    """The first run takes one of each, or all where it is asked to, and the other all else."""
    names = [*(f"{test}[{number}]" for test in "abc" for number in range(9)), "d", "e"]
    whole, extended = {*names[9:18], "e"}, {"e"}
    first = share(names, "first", whole=whole, extended=extended)
    assert first == {"a[0]", *names[9:18], "c[0]", "d"}
    assert share(names, "rest", whole=whole, extended=extended) == set(names) - first


def test_parts() -> None:
    """Each file is in one of the parts."""
    files = [Path(name) for name in "dabec"]
    assert part(files, "1/1") == set(files)
    assert part(files, "1/2") == {Path("a"), Path("c"), Path("e")}
    assert part(files, "2/2") == {Path("b"), Path("d")}
    assert part(files, "3/3") == {Path("c")}


@pytest.mark.parametrize("mark", [*SERVER_MARKS, "each_database"])
def test_marks_are_found_in_files(request: pytest.FixtureRequest, mark: str) -> None:
    """No test has one of these marks in a way that does not show in its file."""
    marked = {item.path for item in request.session.items if item.get_closest_marker(mark)}
    assert all(map(is_in_each_part, marked)), marked


def test_ways_take_turns() -> None:
    """Each case is tried in one way, or in all; the ways are spread over the cases."""
    tried = {
        "once": [("a", 1), ("b", 2), ("c", 1)],
        "whole": [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1), ("c", 2)],
    }
    assert taking_turns("abc", [1, 2]) == tried[TRIED]
