"""What a developer is told who opened the site by an IP address, as ``runserver`` prints it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http.request import split_domain_port

from .relying_party import is_ip_address, relying_party_here

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
    there = copy(request)
    there.META = {**request.META, "HTTP_HOST": f"localhost:{port}" if port else "localhost"}
    there.META.pop("HTTP_X_FORWARDED_HOST", None)
    origin = f"{request.scheme}://{there.META['HTTP_HOST']}"
    party = relying_party_here(there)
    if party is None or origin not in party.origins:
        return None
    return origin + request.get_full_path()
