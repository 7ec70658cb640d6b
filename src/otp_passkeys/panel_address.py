"""Where the panel is: on the app's own page, or inside a page of the site, to which the app's other pages lead back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from django.urls import reverse
from django.utils.http import urlencode

from .reauthentication import safe_target

if TYPE_CHECKING:
    from django.http import HttpRequest

NEWS = "otp-passkeys-news"
"""The element of the panel that speaks, as its template has it."""


def home(request: HttpRequest) -> str:
    """Return where the panel is that leads to a page of the app: what ``next`` says, else the app's own.

    :param request: the request for the page.
    """
    panel = reverse("otp_passkeys:list")
    asked = request.GET.get("next")
    return safe_target(request, asked, panel) if asked else panel


def news(request: HttpRequest) -> str:
    """Return where that panel says what a page has just done: it may be far down a page, and is not announced there.

    :param request: the request for the page.
    """
    return f"{urldefrag(home(request)).url}#{NEWS}"


def embedded_in(request: HttpRequest) -> str:
    """Return the address of the page of the site in which the panel is rendered.

    :param request: the request for that page, or of htmx for a part of it.
    """
    page = request.headers.get("HX-Current-URL", "")
    return safe_target(request, page, request.get_full_path())


def way_back(address: str) -> dict[str, str]:
    """Return what templates lead back to the panel with: ``home``, and ``carry``, the query that tells it other pages.

    :param address: from one of the functions above.
    """
    own = address == reverse("otp_passkeys:list")
    return {"home": address, "carry": "" if own else f"?{urlencode({'next': address})}"}
