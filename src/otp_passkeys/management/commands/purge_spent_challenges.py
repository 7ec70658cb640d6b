"""Remove challenges whose time is over."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ... import challenges


class Command(BaseCommand):
    """``manage.py purge_spent_challenges``: safe at any time; answering removes some now and then anyway."""

    help = "Remove the digests of answered challenges that are too old to be answered again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge, and print how many rows went."""
        self.stdout.write(f"Removed {challenges.purge()} spent challenges.")
