"""Measure, and print one table; `--only sign-in --package "this app"` is a quick one."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .instructions import is_available
from .processes import instructions, statements
from .table import show

PACKAGES = ("floor", "this app", "django-otp-webauthn", "django-passkeys", "allauth")


def main() -> None:
    """Measure each package."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help='one operation, such as "sign-in"')
    arguments.add_argument("--package", action="append", help="may be given more than once")
    arguments.add_argument("--source", help="the src folder of this app, instead of the one here")
    asked = arguments.parse_args()
    if asked.source:
        os.environ["COMPARE_SOURCE"] = asked.source
    packages = asked.package or PACKAGES
    found: dict[str, dict[str, Any]] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        if is_available():
            found["million instructions"] = _each(pool, packages, instructions, asked.only)
        else:
            sys.stderr.write("No valgrind for this processor: no instructions.\n")
        found["statements / commits"] = _each(pool, packages, statements, asked.only)
    show(found, packages)


def _each(pool: ThreadPoolExecutor, packages: Any, measure: Any, only: str) -> dict[str, Any]:
    results = pool.map(lambda package: measure(package, only), packages)
    return dict(zip(packages, results, strict=True))


if __name__ == "__main__":
    main()
