"""What a package adds to the processor time of `django.setup()`."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.start_up import SET_UP

from .processes import environment

_DJANGO_ALONE = ""


def start_up(packages: Sequence[str], rounds: int) -> dict[str, float]:
    """Return the seconds that each package adds.

    :param packages: which packages.
    :param rounds: how many processes of each are started.
    """
    kinds = [_DJANGO_ALONE, *packages]
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(1 + rounds):
        for kind in random.sample(kinds, len(kinds)):
            value = _set_up(kind)
            if number:  # the first reads from the disk
                found[kind].append(value)
    alone = statistics.median(found[_DJANGO_ALONE])
    return {package: statistics.median(found[package]) - alone for package in packages}


def _set_up(package: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", SET_UP],
        env=environment(package, DJANGO_SETTINGS_MODULE="benchmarks.compare.settings"),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
