"""A sample leaves no test out, and what one run leaves out another takes."""

from __future__ import annotations

import pytest

from .conftest import kept
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


@pytest.fixture
def items(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """Take the tests of this run that have a module of their own to be chosen from."""
    return list(request.session.items)


def test_browser_sets_are_shared_out(
    items: list[pytest.Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run takes the first set of each browser test and the other run all the others, none of them twice."""
    monkeypatch.delenv("SAMPLE", raising=False)
    monkeypatch.delenv("BROWSER_SETS", raising=False)
    everything = kept(items)
    monkeypatch.setenv("BROWSER_SETS", "first")
    first = kept(items)
    monkeypatch.setenv("BROWSER_SETS", "others")
    others = kept(items)
    browser = {item.nodeid for item in items if item.get_closest_marker("browser")}
    assert everything == {item.nodeid for item in items}
    assert first | others == everything
    assert first & others & browser == set()
