"""Hosts and origins as browsers write them: in lower case, without the port that the scheme implies (RFC 6454 §6.2).

A proxy may send the same host with another spelling: ``Host: Example.com:443``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http.request import split_domain_port

if TYPE_CHECKING:
    from django.http import HttpRequest

DEFAULT_PORTS = {"https": "443", "http": "80"}


def as_browsers_write(origin: str) -> str:
    """Return an origin in the spelling in which a browser sends it.

    :param origin: such as ``"https://Example.com:443"``; the origin of a native app is returned as it is.
    """
    scheme, separator, host = origin.partition("://")
    port = DEFAULT_PORTS.get(scheme.lower())
    if not separator or port is None:
        return origin
    return f"{scheme}://{host.removesuffix(f':{port}')}".lower()


def host_and_port(request: HttpRequest) -> str:
    """Return the host that a browser shows for a request: in lower case, with the port if it is no default.

    The scheme is not asked, since it is wrong behind a proxy that ends TLS: neither default port is shown.

    :param request: any request to the site.
    """
    host, port = split_domain_port(request.get_host())
    return host if port in {"", *DEFAULT_PORTS.values()} else f"{host}:{port}"


def own_hosts(request: HttpRequest) -> set[str]:
    """Return the spellings of the request's host that an address of this site may have.

    :param request: any request to the site.
    """
    return {request.get_host(), host_and_port(request)}


def ends_with_dot(request: HttpRequest) -> bool:
    """Say whether the host of a request ends with a dot: browsers take ``example.com.`` for another domain.

    :param request: any request to the site.
    """
    host, port = split_domain_port(request.get_host())
    return request.get_host().lower() in {f"{host}.", f"{host}.:{port}"}
