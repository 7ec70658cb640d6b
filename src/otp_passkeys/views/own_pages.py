"""Which page of the app an address leads to: why the page that asks for a proof asks, and where "Cancel" leads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import Resolver404, reverse

from ..addresses import resolved
from ..reauthentication import ADD_BUTTON, leads_elsewhere

if TYPE_CHECKING:
    from django.http import HttpRequest

ADD = "add"
"""Stands for the button that adds a passkey, which may be on a page of the site."""


def own_page(request: HttpRequest, address: str) -> str | None:
    """Return the name of the page of the app that an address leads to, or None if it is another page.

    :param request: the request for the page that asks.
    :param address: of this site or of a front end elsewhere, as checked before.
    """
    if leads_elsewhere(request, address):
        return None
    parts = urlsplit(address)
    if parts.fragment == ADD_BUTTON:
        return ADD
    try:
        match = resolved(parts.path)
    except Resolver404:
        return None
    return match.url_name if "otp_passkeys" in match.app_names else None


def way_out(request: HttpRequest, target: str, asked: str) -> str:
    """Return where users go who do not want to confirm who they are: a page that does not ask.

    :param request: the request for the page that asks.
    :param target: where they would go once they have confirmed.
    :param asked: the same as the request names it, or an empty text. The way out never leads there: that page would
        ask again.
    """
    # The page of a front end has asked for something by a script; it does not ask by being opened.
    if leads_elsewhere(request, target):
        return target
    panel, usual = reverse("otp_passkeys:list"), resolve_url(settings.LOGIN_REDIRECT_URL)
    leads_to_itself = asked and urlsplit(usual).path == urlsplit(target).path
    return panel if own_page(request, target) or leads_to_itself else usual
