"""What a package adds to `django.setup()`, in processor time and in instructions."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.start_up import SET_UP

from .instructions import command, figures
from .processes import environment

DJANGO_ALONE = ""
_COUNTED = """
import django
from benchmarks.compare.instructions import Marks
marks = Marks()
marks.begin()
django.setup()
marks.end()
"""


def start_up(packages: Sequence[str], rounds: int) -> dict[str, float]:
    """Return the seconds that each package adds.

    :param packages: which packages.
    :param rounds: how many processes of each are started.
    """
    kinds = [DJANGO_ALONE, *packages]
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(1 + rounds):
        for kind in random.sample(kinds, len(kinds)):
            value = _set_up(kind)
            if number:  # the first reads from the disk
                found[kind].append(value)
    alone = statistics.median(found[DJANGO_ALONE])
    return {package: statistics.median(found[package]) - alone for package in packages}


def set_up_instructions(package: str) -> float:
    """Return how many million instructions `django.setup()` takes with a package, once its bytecode is written.

    :param package: which, or DJANGO_ALONE.
    """
    _set_up(package)
    with tempfile.TemporaryDirectory() as folder:
        _run(package, _COUNTED, *command(Path(folder)))
        return figures(Path(folder))[0] / 1e6


def _set_up(package: str) -> float:
    return float(_run(package, SET_UP))


def _run(package: str, script: str, *before: str) -> str:
    return subprocess.run(
        [*before, sys.executable, "-c", script],
        env=environment(package, DJANGO_SETTINGS_MODULE="benchmarks.compare.settings"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
