"""How long an import and an export of many passkeys take, and that their memory does not grow with the number.

`python -m benchmarks.importing --rows 100000`; DATABASE names the database. The peak is that of the whole process, so
it is read first after a tenth of the rows and again after all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cbor2
import django
from cryptography.hazmat.primitives.asymmetric import ec

from otp_passkeys.testing import to_base64url

PASSKEYS_EACH = 2
GROWTH = 1.25  # of the peak, when ten times as many rows are imported


def main() -> int:
    """Measure, print a line for each step, and return 1 if the memory grew with the number of rows."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000, help="passkeys to import")
    rows = arguments.parse_args().rows
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    from .databases import made

    with made("default"), tempfile.TemporaryDirectory() as folder:
        from django.contrib.auth.models import User

        names = [f"user{number}" for number in range(rows // PASSKEYS_EACH)]
        User.objects.bulk_create((User(username=name) for name in names), batch_size=1000)
        few, all_of_them = Path(folder) / "few.jsonl", Path(folder) / "all.jsonl"
        _write(few, names[: len(names) // 10])
        _write(all_of_them, names)
        _step("import of a tenth", "import_passkeys", "json", f"--file={few}")
        before = _peak()
        _step("import of all", "import_passkeys", "json", f"--file={all_of_them}")
        _step("import of all again", "import_passkeys", "json", f"--file={all_of_them}")
        _step("export", "export_passkeys")
        return int(_peak() > before * GROWTH)


def _write(path: Path, names: list[str]) -> None:
    """Write a file of passkeys; the same names get the same ones."""
    with path.open("w") as file:
        for line in _lines(names):
            file.write(json.dumps(line) + "\n")


def _lines(names: list[str]) -> Iterator[dict[str, object]]:
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
    key = to_base64url(cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}))
    for name in names:
        for number in range(PASSKEYS_EACH):
            yield {
                "user": name,
                "user_handle": to_base64url(f"handle of {name}".encode()),
                "credential_id": to_base64url(f"passkey {number} of {name}".encode()),
                "public_key": key,
                "rp_id": "localhost",
                "user_verified": True,
                "name": "Work",
                "created_at": "2026-01-31T12:00:00Z",
            }


def _step(what: str, *command: str) -> None:
    from django.core.management import call_command

    started, busy = time.perf_counter(), time.process_time()
    with Path(os.devnull).open("w") as nowhere:
        call_command(*command, stdout=sys.stdout if "import" in command[0] else nowhere)
    passed, worked = time.perf_counter() - started, time.process_time() - busy
    print(
        f"{what}: {passed:.0f} s, of the processor {worked:.0f} s, peak {_peak():.0f} MB",
        flush=True,
    )


def _peak() -> float:
    """Return the largest memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
