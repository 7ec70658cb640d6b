"""Addresses that are asked for often: ``reverse()`` costs more than most of what a page shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from django.urls import get_resolver, get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

Addresses = TypeVar("Addresses")


def kept(make: Callable[[], Addresses]) -> Callable[[], Addresses]:
    """Let addresses be made once for each URLconf, script prefix and language: an address depends on nothing else.

    :param make: makes them, and asks nothing but ``reverse()``.
    """
    made = lru_cache(maxsize=100)(lambda *_: make())

    @wraps(make)
    def look_up() -> Addresses:
        return made(get_resolver(get_urlconf()), get_script_prefix(), get_language())

    return look_up


def alike(name: str, *args: object, place: object) -> Callable[[object], str]:
    """Return a function that makes addresses which differ in one argument; ``reverse()`` is asked for one of them.

    :param name: of the address.
    :param args: of the address, with ``place`` among them.
    :param place: what stands for the argument that differs. It must be unlike all that may stand before it.
    """
    before, _, after = reverse(name, args=args).rpartition(str(place))
    return lambda value: f"{before}{value}{after}"
