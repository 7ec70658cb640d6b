"""Choose a sample of the tests, for what proves on one more Python or database what is proved on the others."""

from __future__ import annotations

from collections.abc import Iterable


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
