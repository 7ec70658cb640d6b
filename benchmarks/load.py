"""A bounded load test: many browsers sign in at once, on gunicorn and PostgreSQL, and none is lost.

`python -m benchmarks.load --seconds 60 --clients 8`; the exit status is not 0 if anything went wrong.
"""

from __future__ import annotations

import argparse
import os
import sys

import django

from . import clients, report, site


def main() -> int:
    """Run the site and its clients, compare what both counted, and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60, help="how long the clients sign in")
    arguments.add_argument("--clients", type=int, default=8, help="how many processes they are")
    asked = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    os.environ["DATABASE"] = "postgresql"
    os.environ.setdefault("DATABASE_NAME", "otp_passkeys_load")
    django.setup()
    from .databases import made

    with made("default"):
        site.prepare(clients.names(asked.clients))
        with site.serving() as server:
            results = clients.run(asked.clients, asked.seconds, server.port)
        complaints = [
            *(f"client: {error}" for result in results for error in result.errors),
            *(f"server: {line}" for line in server.log()),
            *site.differences(results),
        ]
    report.show(results)
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    print("No error, no lost sign-in." if not complaints else f"{len(complaints)} complaints.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
