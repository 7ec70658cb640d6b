"""The figures of the load test, as a small table."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .clients import REQUESTS, WHOLE, Result
from .harness import percentile, table
from .site import THREADS, WORKERS

_PERCENTILES = (50, 95, 99)


def show(results: Sequence[Result]) -> None:
    """Print how many ceremonies there were in a second, and how long they took."""
    sign_ins = sum(result.sign_ins for result in results)
    elapsed = max((result.elapsed for result in results), default=0)
    print(
        f"\n{sign_ins} sign-ins by {len(results)} clients in {elapsed:.1f} s on {WORKERS} workers "
        f"of {THREADS} threads; clients, site and database share {os.cpu_count()} processors."
    )
    if not elapsed:
        return
    rate = sign_ins / elapsed
    print(f"{rate:.1f} ceremonies per second, {len(REQUESTS) * rate:.0f} requests per second\n")
    lines = [["milliseconds", *(f"p{p}" for p in _PERCENTILES), "longest"]]
    for what in [WHOLE, *REQUESTS]:
        seconds = sorted(second for result in results for second in result.seconds[what])
        if seconds:
            figures = [*(percentile(seconds, p) for p in _PERCENTILES), seconds[-1]]
            lines.append([what, *(f"{1000 * figure:.0f}" for figure in figures)])
    print(table(lines))
