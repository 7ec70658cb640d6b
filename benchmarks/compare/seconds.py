"""Processor time as a ratio to the floor's, each in turn, so that whatever slows the machine slows all."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from .processes import worker

_OPERATIONS = ("sign-in", "registration")


def seconds(packages: Sequence[str], rounds: int) -> dict[str, dict[str, float]]:
    """Return the median of the processor time of ceremonies.

    :param packages: which packages.
    :param rounds: how often each is measured, beside the first times.
    """
    found: dict[str, dict[str, list[float]]] = {
        package: {operation: [] for operation in _OPERATIONS} for package in packages
    }
    with ExitStack() as stack:
        workers = {p: stack.enter_context(worker(p, "seconds")) for p in packages}
        for number in range(5 + rounds):
            # In an order by chance: what follows a slow one may be slow because of it.
            for package in random.sample(list(packages), len(packages)):
                for operation in _OPERATIONS:
                    value = workers[package].do(operation)
                    if number >= 5:
                        found[package][operation].append(value)
    return {
        package: {operation: statistics.median(values) for operation, values in one.items()}
        for package, one in found.items()
    }
