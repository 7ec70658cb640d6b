"""Whether a sign-in takes longer where the table is large, or the user has many passkeys, and whether time tells names.

`DATABASE=postgresql python -m benchmarks.sign_in --rows 1000000`; the exit status is not 0 if it does.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable

import django

from .harness import Ratio, Timed, compare, compare_until_quiet, ratios_table, timed

LIMIT = 1.10  # a sign-in may take so much longer
NOISE = 0.05  # and the noise must be less than that, or nothing can be said
PASSKEYS_EACH = 5
LIST = "/passkeys/"
OPTIONS = "/passkeys/authenticate/options/"


def main() -> int:
    """Fill the tables, measure, and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--rows", type=int, default=1_000_000, help="passkeys in the large table"
    )
    arguments.add_argument("--rounds", type=int, default=300, help="sign-ins of each kind")
    asked = arguments.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    from .databases import made

    with made("default", "full"):
        return _measure(asked.rows, asked.rounds)


def _measure(rows: int, rounds: int) -> int:
    from django.contrib.auth.models import User
    from django.db import connection

    from .filling import fill

    started = time.perf_counter()
    fill("default", [1])  # somebody must be able to sign in
    fill("full", [1 + number // PASSKEYS_EACH for number in range(rows)])
    print(f"\n{connection.display_name}: {rows} passkeys in {time.perf_counter() - started:.0f} s")
    complaints = _plans("full")

    def anybody() -> tuple[int, int]:
        number = random.randrange(rows)
        return number, 1 + number // PASSKEYS_EACH

    one = _sign_in("default", lambda: (0, 1))
    judged = [_judge(f"sign-in, table of {rows} : of 1", one, _sign_in("full", anybody), rounds)]
    fill("default", [2] * 50, first=1)
    fifty = _sign_in("default", lambda: (1, 2))
    judged.append(_judge("sign-in, user with 50 : with 1", one, fifty, rounds))
    lists = [
        compare(f"list of 50 : of 1, {kind}", _list(kind, 0, 1), _list(kind, 1, 2), rounds=rounds)
        for kind in ("text/html", "application/json")
    ]
    names = compare(
        "options, name of an account : of none",
        _options("nobody"),
        _options(User.objects.using("default").get(pk=2).username),
        rounds=rounds,
    )
    print(ratios_table([*(ratio for tries in judged for ratio in tries), *lists, names]))
    complaints += [complaint for tries in judged for complaint in _complaints(tries[-1])]
    if not names.low <= 1 <= names.high and abs(names.value - 1) > NOISE:
        complaints.append(f"{names.name}: {names.value:.3f} tells who has an account")
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaints else 0


def _judge(name: str, base: Timed, other: Timed, rounds: int) -> list[Ratio]:
    return compare_until_quiet(name, base, other, rounds=rounds, noise=NOISE, limit=LIMIT)


def _complaints(ratio: Ratio) -> list[str]:
    """Say what is wrong with a ratio that is asserted."""
    if ratio.noise > NOISE:
        return [f"{ratio.name}: too noisy to tell, {ratio.noise:.1%}"]
    return [f"{ratio.name}: {ratio.value:.3f}"] if ratio.value > LIMIT else []


def _plans(alias: str) -> list[str]:
    """Say where the database reads another way than the tests expect of some thousand rows."""
    from tests.helpers.plans import SIGN_IN, analyse, plan, sending

    analyse(alias)
    with sending(alias) as sent:
        _sign_in(alias, lambda: (0, 1))()
    found = [plan(statement, alias) for statement in sent.statements]
    return [] if found == SIGN_IN else [f"another plan: {found}"]


def _sign_in(alias: str, pick: Callable[[], tuple[int, int]]) -> Timed:
    """Return what signs in once, in a new browser: both requests and the signature.

    :param alias: the database that the site runs on.
    :param pick: returns the number of a passkey and its owner.
    """
    from django.test import Client

    from otp_passkeys.testing import sign_in

    from .databases import using
    from .filling import authenticator

    def run() -> float:
        client, key = Client(), authenticator(*pick())
        with using(alias):
            started = time.perf_counter()
            response = sign_in(client, key)
            elapsed = time.perf_counter() - started
        if response.status_code != 200:
            raise RuntimeError(f"A sign-in was refused: {response.content!r}")
        return elapsed

    return run


def _options(name: str) -> Timed:
    """Return what asks for the options of a sign-in as a page would that sends a name along.

    :param name: of an account, or of none.
    """
    from django.test import Client

    client = Client()

    def run() -> None:
        body = {"username": name}
        response = client.post(OPTIONS, body, content_type="application/json", secure=True)
        if response.status_code != 200:
            raise RuntimeError(f"No options: {response.content!r}")

    return timed(run)


def _list(kind: str, number: int, owner: int) -> Timed:
    """Return what opens the list of a user who has signed in."""
    from django.test import Client

    from otp_passkeys.testing import sign_in

    from .filling import authenticator

    client = Client(headers={"Accept": kind})
    sign_in(client, authenticator(number, owner))
    response = client.get(LIST, secure=True)
    if response.status_code != 200 or not response["Content-Type"].startswith(kind):
        raise RuntimeError(f"No list, but {response.status_code}.")
    return timed(lambda: client.get(LIST, secure=True))


if __name__ == "__main__":
    sys.exit(main())
