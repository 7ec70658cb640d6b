"""Measure, and print one table. `--only sign-in --package "this app"` counts one row of one package.

A package that is not installed is left out; `nox -s compare` installs all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .instructions import is_available
from .processes import instructions, statements
from .seconds import seconds
from .sizes import size
from .start_up import DJANGO_ALONE, set_up_instructions, start_up
from .table import Figures, show
from .throughput import throughput

_MODULES = {
    "floor": "benchmarks.floor",
    "this app": "otp_passkeys",
    "django-otp-webauthn": "django_otp_webauthn",
    "django-passkeys": "passkeys",
    "allauth": "allauth",
}


def main() -> None:
    """Measure each package."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help='one operation, such as "sign-in"')
    arguments.add_argument("--package", action="append", help="may be given more than once")
    arguments.add_argument("--source", help="the src folder of this app, instead of the one here")
    arguments.add_argument("--rounds", type=int, default=60, help="of what is measured in time")
    asked = arguments.parse_args()
    if asked.source:
        os.environ["COMPARE_SOURCE"] = asked.source
    packages = asked.package or _installed()
    sections: dict[str, Figures] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        if is_available():
            counted = _each(pool, packages, instructions, asked.only)
            if not asked.only:
                alone, *others = pool.map(set_up_instructions, [DJANGO_ALONE, *packages])
                for package, value in zip(packages, others, strict=True):
                    counted[package]["django.setup(), added"] = value - alone
            sections["million instructions"] = counted
        else:
            sys.stderr.write("No valgrind for this processor, so no instructions are counted.\n")
        sections["statements / commits"] = _each(pool, packages, statements, asked.only)
        if not asked.only:
            sizes = dict(zip(packages, pool.map(size, packages), strict=True))
    if not asked.only:
        # Alone, for they are times.
        sections["processor time, ratio to the floor"] = seconds(packages, asked.rounds)
        added = start_up(packages, 12)
        served = throughput(packages, 5) if any(sizes.values()) else {}
        sections["for the site"] = {
            package: {
                "django.setup(), milliseconds added": 1000 * added[package],
                "PostgreSQL, bytes for a passkey": sizes[package],
                "PostgreSQL, sign-ins in a second": served.get(package),
            }
            for package in packages
        }
    show(sections, packages)


def _installed() -> list[str]:
    """Return the packages that are here, and behind each its other releases."""
    folder = Path(os.environ.get("COMPARE_RELEASES", os.devnull))
    found = []
    for package, module in _MODULES.items():
        if find_spec(module):
            others = sorted(path.name for path in folder.glob(f"{package}==*"))
            found += [package, *others]
    return found


def _each(
    pool: ThreadPoolExecutor,
    packages: Sequence[str],
    measure: Callable[[str, str], Any],
    only: str,
) -> dict[str, Any]:
    def one(package: str) -> Any:
        result = measure(package, only)
        sys.stderr.write(f"{package}: {result}\n")  # for whoever waits
        return result

    return dict(zip(packages, pool.map(one, packages), strict=True))


if __name__ == "__main__":
    main()
