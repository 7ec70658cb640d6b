"""Addresses of this site, where ``reverse()`` and ``resolve()`` do not suffice, or cost too much."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from django.urls import (
    Resolver404,
    ResolverMatch,
    get_resolver,
    get_script_prefix,
    get_urlconf,
    resolve,
    reverse,
)
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


def resolved(path: str) -> ResolverMatch:
    """Return what is at a path of this site, also where the site is below a sub-path.

    :param path: as ``reverse()`` gives it: with the prefix of the sub-path, which ``resolve()`` does not take.
    :raises Resolver404: if nothing is there, or it is outside of the prefix.
    """
    prefix = get_script_prefix()
    if not path.startswith(prefix):
        raise Resolver404({"path": path})
    return resolve(f"/{path.removeprefix(prefix)}")
