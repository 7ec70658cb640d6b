"""Hosts and origins as browsers write them: in lower case, without the port that the scheme implies (RFC 6454 §6.2).

A proxy may send the same host with another spelling: ``Host: Example.com:443``.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.http.request import split_domain_port

if TYPE_CHECKING:
    from django.http import HttpRequest

_DEFAULT_PORTS = {"https": "443", "http": "80"}


def as_browsers_write(origin: str) -> str:
    """Return an origin in the spelling in which a browser sends it.

    :param origin: such as ``"https://Example.com:443"``; the origin of a native app is returned as it is.
    """
    scheme, separator, host = origin.partition("://")
    port = _DEFAULT_PORTS.get(scheme.lower())
    if not separator or port is None:
        return origin
    return f"{scheme}://{host.removesuffix(f':{port}')}".lower()


def host_and_port(request: HttpRequest) -> str:
    """Return the host that a browser shows for a request: in lower case, with the port if it is no default.

    The scheme is not asked, since it is wrong behind a proxy that ends TLS: neither default port is shown.

    :param request: any request to the site.
    """
    host, port = split_domain_port(request.get_host())
    return host if port in {"", *_DEFAULT_PORTS.values()} else f"{host}:{port}"


def own_hosts(request: HttpRequest) -> set[str]:
    """Return the spellings of the request's host that an address of this site may have.

    :param request: any request to the site.
    """
    return {request.get_host(), host_and_port(request)}


def ends_with_dot(address: str) -> bool:
    """Say whether a host ends with a dot: browsers take ``example.com.`` for another domain.

    :param address: a host, and its port if there is one.
    """
    host, port = split_domain_port(address)
    return address.lower() in {f"{host}.", f"{host}.:{port}"}


def is_local(host: str) -> bool:
    """Say whether a host is this machine by name: browsers treat it as secure without TLS.

    :param host: a host name in lower case, without port.
    """
    return host == "localhost" or host.endswith(".localhost")


@lru_cache(maxsize=100)  # the same few hosts are asked for all the time
def is_ip_address(host: str) -> bool:
    """Say whether a host is an IP address, which can be no RP ID (WebAuthn L3 §5.1.3 step 7).

    :param host: a host without port; IPv6 in brackets.
    """
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_web_origin(origin: str) -> bool:
    """Say whether an origin is that of web pages which may use passkeys: https, or http on this machine.

    :param origin: an origin as browsers write it; the origin of a native app is not one.
    """
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:  # malformed brackets
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local(host)))


def is_same_or_parent(rp_id: str, host: str) -> bool:
    """Say whether an RP ID is a host or a parent domain of it.

    :param rp_id: the RP ID.
    :param host: a host name without port.
    """
    return host == rp_id or host.endswith("." + rp_id)


def domains_of(origin: object) -> list[str]:
    """Return the host of an origin and its parent domains: the RP ID of a passkey made there is one of them.

    :param origin: from the client data, whatever it is.
    """
    try:
        host = urlsplit(origin).hostname if isinstance(origin, str) else None
    except ValueError:  # malformed brackets
        return []
    labels = host.split(".") if host else []
    return [".".join(labels[first:]) for first in range(len(labels))]
