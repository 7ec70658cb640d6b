"""How many bytes a passkey takes on PostgreSQL, with all tables and indexes of its package, one for each user.

`python -m benchmarks.compare.sizes` prints it for the package that COMPARED names; `tests/settings.py` says how to name
the server.
"""

from __future__ import annotations

import os
import subprocess
import sys

import django

from .processes import environment

_USERS = 5000


def size(package: str) -> float | None:
    """Return the bytes for a passkey of a package, or None where no server answers.

    :param package: which package.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compare.sizes"],
        env=environment(package, DATABASE="postgresql"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(f"No size of {package}: {done.stderr.strip().splitlines()[-1]}\n")
        return None
    return float(done.stdout)


def main() -> None:
    """Fill the tables, and print the bytes for each row."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.compare.settings"
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection

    from benchmarks.databases import made

    from .operations import Operations
    from .sites import site

    with made("default"):
        package = site(os.environ["COMPARED"])
        Operations(package)  # registers one, which the others are copies of
        users = [User(username=f"owner-{number:06}", password="!") for number in range(_USERS)]
        package.copy(User.objects.bulk_create(users))
        total = 0
        with connection.cursor() as cursor:
            for model in package.models():
                cursor.execute("SELECT pg_total_relation_size(%s)", [model._meta.db_table])
                total += cursor.fetchone()[0]
    print(total / (_USERS + 1))


if __name__ == "__main__":
    main()
