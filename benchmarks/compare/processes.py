"""Processes of one package each: they do not go together, and this app does less beside another."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .instructions import command, figures

_ROOT = Path(__file__).resolve().parents[2]
# A list is long, and always the same; a ceremony has keys and names of its own each time.
_WARM_UP, _ROUNDS = 2, 3
_WARM_UP_LIST, _ROUNDS_LIST = 1, 1


def environment(package: str, **more: str) -> dict[str, str]:
    """Return the environment of a process with one package.

    :param package: its name, with `==` and a release where COMPARE_RELEASES is a folder that has it installed.
    :param more: what else is set.
    """
    path = [str(_ROOT), os.environ.get("COMPARE_SOURCE", str(_ROOT / "src"))]
    if "==" in package:
        path.insert(0, str(Path(os.environ["COMPARE_RELEASES"]) / package))
    # The same order of sets in each process.
    same = {"COMPARED": package, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    return {**os.environ, **same, "PYTHONPATH": os.pathsep.join(path), **more}


class Worker:
    """A process that does one operation for each line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.operations: list[str] = self._read()

    def do(self, operation: str) -> Any:
        """Do an operation once, and return what was read of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{operation}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A process ended; what it said is above.")
        return json.loads(line)


@contextmanager
def worker(package: str, meter: str, *before: str, **more: str) -> Iterator[Worker]:
    """Start a process, and end it.

    :param package: which package it has.
    :param meter: what it reads: "instructions", "seconds", "database", "calls" or "nothing".
    :param before: what comes before its command.
    :param more: what is set in its environment.
    """
    arguments = [*before, sys.executable, "-m", "benchmarks.compare.worker", meter]
    with subprocess.Popen(
        arguments,
        env=environment(package, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Worker(process)
        finally:
            process.communicate()


def instructions(package: str, wanted: str) -> dict[str, float]:
    """Return how many million instructions each operation of a package takes.

    :param wanted: an operation, or "" for all.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, done = Path(name), []
        with worker(package, "instructions", *command(folder)) as process:
            for operation in process.operations:
                if wanted not in ("", operation):
                    continue
                is_list = "list" in operation
                warm_up = _WARM_UP_LIST if is_list else _WARM_UP
                rounds = _ROUNDS_LIST if is_list else _ROUNDS
                for number in range(warm_up + rounds):
                    done.append((operation, number >= warm_up, process.do(operation)))
        parts = iter(figures(folder))
    sums: dict[str, list[int]] = {}
    for operation, counts, signs in done:
        value = sum(sign * next(parts) for sign in signs)
        if counts:
            sums.setdefault(operation, []).append(value)
    return {operation: statistics.median(values) / 1e6 for operation, values in sums.items()}


def statements(package: str, wanted: str) -> dict[str, tuple[int, int]]:
    """Return how many statements and commits each operation of a package takes.

    :param wanted: an operation, or "" for all.
    """
    found = {}
    with worker(package, "database") as process:
        for operation in process.operations:
            if wanted in ("", operation):
                process.do(operation)
                found[operation] = _pair(process.do(operation))
    return found


def _pair(read: Any) -> tuple[int, int]:
    return read[0], read[1]
