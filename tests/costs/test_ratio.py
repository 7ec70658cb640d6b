"""What each request costs beside the least that a Django site can do for it: budgets, so that costs cannot creep.

Calls of functions are counted: they are the same twice, and on every machine. `nox -s compare` counts instructions.
"""

from __future__ import annotations

import pytest

from benchmarks.compare.calls import PAIRS, ratios

# Calls of this app for one of the floor's, a tenth over what they were when the table was written. Lower them when the
# code gets cheaper, and do not raise them without saying in the commit what the calls are for.
AT_MOST = {
    "sign-in": 1.55,
    "registration": 1.85,
    "registration and its mail": 2.9,
    "sign-in and sync": 2.95,
    "idle page": 0.15,
    "list of 10": 3.5,
    "list of 100": 3.65,
    "JSON list of 100": 3.3,  # some more with the oldest releases, which are tried too
}


@pytest.mark.extended
def test_ratios() -> None:
    """An operation makes so many times the calls that the least of it makes, and a limit is near what it limits.

    One that is far above lets costs creep: a saving lowers it.
    """
    assert AT_MOST.keys() == PAIRS.keys()
    counted = ratios()
    over = {name: ratio for name, ratio in counted.items() if ratio > AT_MOST[name]}
    assert not over
    far_under = {name: ratio for name, ratio in counted.items() if ratio < AT_MOST[name] / 1.25}
    assert not far_under
