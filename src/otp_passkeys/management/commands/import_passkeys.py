"""Take the passkeys of another package, or of a file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...importing import PACKAGES, JsonLines, Plan, Rules, TableSource, take
from ...relying_party import is_used, knows_addresses
from ..accounts import NO_ADDRESSES, accounts

logger = logging.getLogger("otp_passkeys")
_SHOWN_EVERY = 100  # users between two updates of the counter


class Command(BaseCommand):
    """``manage.py import_passkeys SOURCE``: exit status 1 if a row was left."""

    help = "Take the passkeys that another package keeps, or that a file of JSON lines has."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source, and how the import goes."""
        parser.add_argument("source", choices=[*PACKAGES, JsonLines.name])
        parser.add_argument("--file", metavar="PATH", help="of json: the file; - is standard input")
        parser.add_argument(
            "--rp-id",
            metavar="ID",
            help="the RP ID that the passkeys were made for, if the source does not say",
        )
        parser.add_argument(
            "--user", action="append", metavar="NAME", help="only this account; may be repeated"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and write nothing"
        )
        parser.add_argument(
            "--finish",
            action="store_true",
            help="let browsers be told which passkeys are accepted, where no row was left:"
            " the source makes no more",
        )
        parser.add_argument(
            "--restore",
            action="store_true",
            help="bring back what was deleted or switched off here, for accounts named by --user",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, say what was left, and count.

        :raises CommandError: if the source cannot be read, or the options do not fit each other.
        """
        _require_fitting(options)
        users = None if options["user"] is None else accounts(options["user"])
        totals = _Totals()
        with _source(options) as source:
            finish = options["finish"] and _may_finish(source)
            rules = Rules(
                finish=finish,
                restore=options["restore"],
                refuse_foreign=options["source"] == JsonLines.name,
            )
            plans = take(source.owned(users), rules, dry_run=options["dry_run"])
            for made in self._counted(plans):
                totals.add(made)
                for note in made.notes:
                    self.stdout.write(_printable(f"{made.name}: {note}"))
                for left in made.left:
                    who = f"{made.name}: " if made.name else ""
                    self.stdout.write(_printable(f"{who}{left.row} left: {left.reason}."))
        for line in totals.lines(dry_run=options["dry_run"]):
            self.stdout.write(line)
        if options["finish"] and not finish:
            self.stdout.write("Nothing is finished: a line does not say whose it is.")
        if not options["dry_run"]:
            logger.info(
                "Took %d passkeys of %d accounts from %s; %d rows were left.",
                totals.taken,
                totals.accounts,
                options["source"],
                totals.left,
            )
        if totals.left:
            sys.exit(1)

    def _counted(self, plans: Iterable[Plan]) -> Iterator[Plan]:
        """Yield the plans, and count users on a terminal."""
        number = 0
        for number, made in enumerate(plans, 1):
            if self.stderr.isatty() and number % _SHOWN_EVERY == 0:
                self.stderr.write(f"\r{number} accounts", ending="")
            yield made
        if self.stderr.isatty() and number >= _SHOWN_EVERY:
            self.stderr.write("\r", ending="")


class _Totals:
    """What the import did, over all users."""

    def __init__(self) -> None:
        self.accounts = self.taken = self.here = self.deleted = self.left = self.switched_on = 0

    def add(self, made: Plan) -> None:
        self.accounts += bool(made.taken)
        self.taken += len(made.taken)
        self.here += made.here
        self.deleted += made.deleted
        self.switched_on += len(made.switched_on)
        self.left += len(made.left)

    def lines(self, *, dry_run: bool) -> Iterator[str]:
        """Say it."""
        verb = "Would take" if dry_run else "Took"
        yield f"{verb} {_counted(self.taken, 'passkey')} of {_counted(self.accounts, 'account')}."
        others = {
            "Here already": self.here,
            "Switched on again": self.switched_on,
            "Deleted here since, and not brought back": self.deleted,
            "Left": self.left,
        }
        yield from (f"{what}: {number}." for what, number in others.items() if number)


def _printable(line: str) -> str:
    """Return a line that a name in it cannot break, forge, or turn into a command of the terminal."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _require_fitting(options: dict[str, Any]) -> None:
    if not knows_addresses():
        raise CommandError(NO_ADDRESSES)
    if (options["source"] == JsonLines.name) != (options["file"] is not None):
        raise CommandError("json takes --file PATH, and no other source does.")
    if options["restore"] and not options["user"]:
        raise CommandError(
            "--restore is for accounts named by --user: what was deleted may be stolen."
        )
    if options["rp_id"] is not None and not is_used(options["rp_id"]):
        raise CommandError(_not_used(options["rp_id"]))


def _not_used(rp_id: str) -> str:
    return (
        f"Passkeys of the RP ID {rp_id!r} work at no address of this site:"
        " see ALLOWED_HOSTS and OTP_PASSKEYS_RP_ID."
    )


def _may_finish(source: JsonLines | TableSource) -> bool:
    try:
        return isinstance(source, TableSource) or source.says_owners()
    except OSError as error:
        raise CommandError(
            "--finish reads the file twice, which this one does not allow: name a file on a disk."
        ) from error


@contextmanager
def _source(options: dict[str, Any]) -> Iterator[JsonLines | TableSource]:
    if options["source"] == JsonLines.name:
        with _opened(options["file"]) as file:
            yield JsonLines(file, options["rp_id"])
        return
    kind = PACKAGES[options["source"]]
    if not apps.is_installed(kind.app):
        raise CommandError(f"{kind.app!r} is not in INSTALLED_APPS: its tables cannot be read.")
    source = kind(options["rp_id"])
    try:
        source.model()
    except (ImportError, LookupError) as error:
        raise CommandError(f"{kind.app!r} is another app than {kind.name}.") from error
    if source.rp_id is None and not kind.keeps_rp_id:
        raise CommandError(f"{kind.name} does not say for which RP ID: name it with --rp-id.")
    if source.rp_id is not None and not is_used(source.rp_id):
        raise CommandError(_not_used(source.rp_id))
    yield source


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
