"""Numbers that tell equal names apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Named(Protocol):
    """What can have a number behind its name."""

    number: int

    @property
    def plain_name(self) -> str:
        """The name without a number."""

    @property
    def name(self) -> str:
        """The name with the number, where that is not 1."""


def number_equal_names(rows: Iterable[Named]) -> None:
    """Set the numbers of rows so that no two names are equal.

    The work grows with the number of rows and no faster, whatever the names are (T30): each plain name goes on
    counting where it was, and a number is passed over only where a plain name reads like it.

    :param rows: what is to be numbered, the first of each name first.
    """
    rows = list(rows)
    plain_names = {row.plain_name for row in rows}
    taken: set[str] = set()
    last: dict[str, int] = {}
    for row in rows:
        row.number = last.get(row.plain_name, 0) + 1
        # A number above 1 must not make the name read like another's nickname.
        while row.name in taken or (row.number > 1 and row.name in plain_names):
            row.number += 1
        taken.add(row.name)
        last[row.plain_name] = row.number
