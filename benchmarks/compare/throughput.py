"""How many sign-ins two processes do in a second on PostgreSQL, as a ratio: whatever slows the machine slows all."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from .processes import Worker, worker

_WORKERS, _SECONDS = 2, 4


def throughput(packages: Sequence[str], rounds: int) -> dict[str, float]:
    """Return how many sign-ins of each package are done in a second, the median of some rounds.

    :param packages: which packages. Their processes exist all the time, and those of one work at a time.
    :param rounds: how often each works.
    """
    found: dict[str, list[float]] = {package: [] for package in packages}
    with ExitStack() as stack, ThreadPoolExecutor(_WORKERS) as pool:
        workers = {
            package: [
                stack.enter_context(worker(package, "nothing", DATABASE="postgresql"))
                for _ in range(_WORKERS)
            ]
            for package in packages
        }
        for number in range(1 + rounds):
            for package in random.sample(list(packages), len(packages)):
                done = sum(pool.map(_sign_ins, workers[package]))
                if number:  # the first fills caches
                    found[package].append(done / _SECONDS)
    return {package: statistics.median(values) for package, values in found.items()}


def _sign_ins(process: Worker) -> int:
    done, until = 0, time.monotonic() + _SECONDS
    while time.monotonic() < until:
        process.do("sign-in")
        done += 1
    return done
