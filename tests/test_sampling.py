"""A sample leaves no test out."""

from __future__ import annotations

from .sampling import sample


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
