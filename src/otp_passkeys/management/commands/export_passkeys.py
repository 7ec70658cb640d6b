"""Write passkeys as JSON lines."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ...importing import lines
from ..accounts import accounts


class Command(BaseCommand):
    """``manage.py export_passkeys``: what ``import_passkeys json`` reads."""

    help = (
        "Write all passkeys as JSON lines. They hold no secret and cannot be used to sign in."
        " But they are personal data, so keep the file as you keep a list of accounts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the names of accounts."""
        parser.add_argument(
            "--user", action="append", metavar="NAME", help="only this account; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write a line for each passkey.

        :raises CommandError: if a name has no account.
        """
        users = None if options["user"] is None else accounts(options["user"])
        if self.stdout.isatty():
            self.stderr.write(
                "This is personal data; redirect it to a file that only you can read."
            )
        for line in lines(users):
            self.stdout.write(line)
