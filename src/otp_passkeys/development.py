"""What a developer is told who opened the site by an IP address, as ``runserver`` prints it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http.request import split_domain_port

from .origins import is_ip_address
from .relying_party import relying_party_here

if TYPE_CHECKING:
    from django.http import HttpRequest


def local_address(request: HttpRequest) -> str | None:
    """Return the address of a page at ``localhost``, where its passkeys work, or None.

    None without ``DEBUG``, at any name, and where the settings refuse passkeys at ``localhost`` as well.

    :param request: the request whose page is rendered.
    """
    if not settings.DEBUG:
        return None
    try:
        host, port = split_domain_port(request.get_host())
    except DisallowedHost:
        return None
    if not is_ip_address(host):
        return None
    local_host = f"localhost:{port}" if port else "localhost"
    there = copy(request)
    there.META = {"HTTP_HOST": local_host}  # and no header of a proxy
    origin = f"{request.scheme}://{local_host}"
    party = relying_party_here(there)
    if party is None or origin not in party.origins:
        return None
    return origin + request.get_full_path()
