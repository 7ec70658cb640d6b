"""How many calls of functions this app makes for each of the floor: what `tests/costs/test_ratio.py` limits.

`python -m benchmarks.compare.calls` prints them. Instructions say more, but to count them takes minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .processes import worker

# Each operation of this app, and that of the floor which does the same for the user; none of the floor's syncs.
PAIRS = {
    "sign-in": "sign-in",
    "registration": "registration",
    "registration and its mail": "registration",
    "sign-in and sync": "sign-in",
    "idle page": "sign-in",
    "list of 10": "list of 10",
    "list of 100": "list of 100",
    "JSON list of 100": "JSON list of 100",
}


def ratios() -> Mapping[str, float]:
    """Return how many calls of this app come to one of the floor's, for each operation."""
    floor = _calls("floor", list(PAIRS.values()))
    app = _calls("this app", list(PAIRS))
    return {operation: app[operation] / floor[base] for operation, base in PAIRS.items()}


def _calls(package: str, operations: Sequence[str]) -> dict[str, int]:
    with worker(package, "calls", DATABASE="sqlite") as process:
        # The first fills caches. Of two others the lower: a sign-in may remove what has expired, by chance.
        return {
            operation: min([process.do(operation) for _ in range(3)][1:])
            for operation in dict.fromkeys(operations)
        }


if __name__ == "__main__":
    for operation, ratio in ratios().items():
        print(f"{operation}: {ratio:.3f} of the floor's {PAIRS[operation]}")
