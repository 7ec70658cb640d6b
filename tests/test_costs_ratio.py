"""What each request costs beside the least that a Django site can do for it: budgets, so that costs cannot creep.

Calls of functions are counted: they are the same twice, and on every machine. `nox -s compare` counts instructions.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.compare.calls import PAIRS, ratios

# Calls of this app for one of the floor's, a tenth over what they were when the table was written. Lower them when the
# code gets cheaper, and do not raise them without saying in the commit what the calls are for.
AT_MOST = {
    "sign-in": 1.88,
    "registration": 3.72,
    "sign-in and sync": 4.43,
    "idle page": 0.15,
    "list of 10": 6.18,
    "JSON list of 100": 12.75,
}


@pytest.fixture(scope="module")
def counted() -> Mapping[str, float]:
    """Count once, in a process for each."""
    return ratios()


def test_all_are_limited() -> None:
    """Every operation that is counted has a limit."""
    assert AT_MOST.keys() == PAIRS.keys()


@pytest.mark.each_set
@pytest.mark.parametrize("operation", AT_MOST)
def test_ratio(counted: Mapping[str, float], operation: str) -> None:
    """An operation takes so many times the calls that the least of it takes."""
    assert counted[operation] <= AT_MOST[operation]


@pytest.mark.each_set
@pytest.mark.parametrize("operation", AT_MOST)
def test_limit_is_near(counted: Mapping[str, float], operation: str) -> None:
    """A limit that is far above what it limits lets costs creep: a saving lowers it."""
    assert counted[operation] >= AT_MOST[operation] / 1.25
