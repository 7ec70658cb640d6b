"""Addresses of which there are many, and which differ in one place only."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse


def alike(name: str, *args: object, place: object) -> Callable[[object], str]:
    """Return a function that makes addresses which differ in one argument; ``reverse()`` is asked for one of them.

    :param name: of the address.
    :param args: of the address, with ``place`` among them.
    :param place: what stands for the argument that differs. It must be unlike all that may stand before it.
    """
    before, _, after = reverse(name, args=args).rpartition(str(place))
    return lambda value: f"{before}{value}{after}"
