"""Numbers that tell equal names apart.

A number is stored when a passkey gets its name, and is kept when another passkey goes: “YubiKey 2” is the same key
tomorrow. Names may be equal all the same, because two tabs gave them at once, or because a provider is called
otherwise by now or in another language. Then another number is shown, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from django.utils.translation import gettext


class Named(Protocol):
    """What can have a number behind its name."""

    number: int
    shown_number: int | None

    @property
    def plain_name(self) -> str:
        """The name without a number."""

    @property
    def name(self) -> str:
        """The name with the number, where that is not 1."""


def numbered(plain_name: str, number: int) -> str:
    """Return a name with its number, as it is read.

    :param plain_name: the name without a number.
    :param number: the number, of which 1 is not written.
    """
    if number == 1:
        return plain_name
    # Translators: %(name)s is the name of a passkey; %(number)d tells equal names apart: “YubiKey 2”.
    return gettext("%(name)s %(number)d") % {"name": plain_name, "number": number}


def next_number(plain_name: str, others: Iterable[Named]) -> int:
    """Return the number for a passkey that gets a name: the highest of that name, plus one.

    :param plain_name: the name without a number.
    :param others: the other passkeys of its owner.
    """
    others = list(others)
    highest = max((other.number for other in others if other.plain_name == plain_name), default=0)
    return _free(plain_name, highest + 1, {other.name for other in others})


def tell_apart(rows: Iterable[Named]) -> None:
    """Set the shown numbers of rows so that no two names are equal; most are shown as they are stored.

    The work grows with the number of rows and no faster, whatever the names are (T30): each plain name goes on
    counting where it was, and a number is passed over only where another name reads like it.

    :param rows: all passkeys of a user, the first of each name first.
    """
    taken: set[str] = set()
    tied: list[Named] = []
    # What has no number comes first: a nickname is read as it was typed.
    for row in sorted(rows, key=lambda row: row.number > 1):
        row.shown_number = None
        if row.name in taken:
            tied.append(row)
        taken.add(row.name)
    last: dict[str, int] = {}
    for row in tied:
        number = max(row.number, last.get(row.plain_name, 0)) + 1
        row.shown_number = last[row.plain_name] = _free(row.plain_name, number, taken)
        taken.add(row.name)


def _free(plain_name: str, number: int, taken: set[str]) -> int:
    """Return the number, or the next one with which the name reads like no other."""
    while numbered(plain_name, number) in taken:
        number += 1
    return number
