"""Which page of the app an address leads to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import Resolver404, get_script_prefix, resolve


def own_page(address: str) -> str | None:
    """Return the name of the page of the app that an address of this site leads to, or None if it is another's.

    :param address: of this site, as checked before.
    """
    path, prefix = urlsplit(address).path, get_script_prefix()
    if not path.startswith(prefix):
        return None
    try:
        match = resolve(f"/{path.removeprefix(prefix)}")
    except Resolver404:
        return None
    return match.url_name if "otp_passkeys" in match.app_names else None
