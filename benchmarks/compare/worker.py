"""One process with one package: does what it is told on standard input, and says what it read of it.

`python -m benchmarks.compare.worker instructions` is started by :mod:`.processes`; each line names an operation.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable

import django


def main() -> None:
    """Make a database, and answer line by line."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.compare.settings"
    django.setup()
    from benchmarks.databases import made

    from . import meters
    from .operations import Operations
    from .sites import site

    chosen: dict[str, Callable[[], meters.Readable]] = {
        "instructions": meters.Instructions,
        "seconds": meters.Seconds,
        "database": meters.Database,
        "calls": meters.Calls,
        "nothing": meters.Nothing,
    }
    meter = chosen[sys.argv[1]]()
    with made("default"):
        operations = Operations(site(os.environ["COMPARED"])).all
        gc.freeze()  # what the collector would look at each time
        _say(list(operations))
        for line in sys.stdin:
            operations[line.strip()](meter)
            _say(meter.read())


def _say(found: object) -> None:
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
