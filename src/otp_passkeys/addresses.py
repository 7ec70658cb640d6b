"""Addresses of this site, where ``reverse()`` and ``resolve()`` do not suffice."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve, reverse


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
