"""Where a proof leads: to a page of this site, or to one of a front end elsewhere, at an origin that the site lists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from ..origins import as_browsers_write, host_and_port, is_local, own_hosts
from ..relying_party import listed_origins, request_host

if TYPE_CHECKING:
    from django.http import HttpRequest

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def safe_target(request: HttpRequest, target: str, default: str = "") -> str:
    """Return the target if it leads to this site or to a front end that the site lists, else the default.

    :param request: the request that asks for it.
    :param target: an address that anybody may have written.
    :param default: default: ``LOGIN_REDIRECT_URL``.
    """
    is_address = bool(target) and target.isprintable()  # mostly nothing was asked for
    if is_address and (_is_ours(request, target) or leads_elsewhere(request, target)):
        return target
    return default or resolve_url(settings.LOGIN_REDIRECT_URL)


def leads_elsewhere(request: HttpRequest, target: str) -> bool:
    """Say whether an address is on another web origin than this site's, and the site lists that origin.

    :param request: any request to the site.
    :param target: an address that anybody may have written.
    """
    if not target.isprintable():
        return False
    origin = _origin_of(target)
    if not _is_listed_elsewhere(request, origin):
        return False
    # A second guard: nothing is known that equals a listed origin for urlsplit(), and is another host for a browser.
    return url_has_allowed_host_and_scheme(target, allowed_hosts={urlsplit(target).netloc})


def front_end(request: HttpRequest) -> str | None:
    """Return the origin of the page whose script asks, if the site lists it and it is another than the site's own.

    :param request: a request of a script; browsers send ``Origin`` if it goes to another origin.
    """
    # Browsers say so of the site's own pages, also where a proxy has renamed the host or left its port out.
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return None
    said = request.headers.get("Origin")
    origin = _origin_of(request.headers.get("Referer", "")) if said is None else said
    return origin if _is_listed_elsewhere(request, origin) else None


def is_own_origin(request: HttpRequest, origin: str) -> bool:
    """Say whether an origin is this site's. The scheme is not compared, as the request's is wrong behind a proxy.

    :param request: any request to the site.
    :param origin: from a header.
    """
    host = _host_of(origin)
    # Nearly always it is spelled alike, and the other spellings cost more to make.
    return host == request.get_host() or host in own_hosts(request)


def as_reached(request: HttpRequest, address: str) -> str:
    """Return an address of this site as the page that asks can go to it: absolute for a page of another origin.

    The scheme is that of the relying party's origins: https, except on localhost, as behind a proxy the request's is
    wrong.

    :param request: the request of a script.
    :param address: where to go; only a path of this site, from the root, needs an origin.
    """
    if not address.startswith("/") or front_end(request) is None:
        return address
    scheme = request.scheme if is_local(request_host(request)) else "https"
    return f"{scheme}://{host_and_port(request)}{address}"


def page_to_return_to(request: HttpRequest, *, script: bool) -> str:
    """Return the page that the user is on: the one asked for, or the one that holds the form or the script.

    By default browsers send only the origin of a page elsewhere. Then that is returned.

    :param request: the request that is refused.
    :param script: whether a script sent it.
    """
    if request.method in SAFE_METHODS and not script:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if page and page.isprintable() and _is_ours(request, page):
        parts = urlsplit(page)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    if not script:
        return request.get_full_path()
    origin = front_end(request)
    if origin is None:
        return ""
    # A page can speak for its own origin only.
    is_its_own = leads_elsewhere(request, page) and _origin_of(page) == origin
    return urldefrag(page).url if is_its_own else f"{origin}/"


def _is_ours(request: HttpRequest, target: str) -> bool:
    return url_has_allowed_host_and_scheme(
        target, allowed_hosts=own_hosts(request), require_https=request.is_secure()
    )


def _is_listed_elsewhere(request: HttpRequest, origin: str) -> bool:
    # The list comes last: a callable may need a query for it, and nearly every request is from the site's own pages.
    return bool(origin) and not is_own_origin(request, origin) and origin in listed_origins(request)


def _origin_of(address: str) -> str:
    """Return the origin of an absolute address of the web as browsers write it, or an empty text.

    Whatever else stands between ``//`` and the path, such as a username, is kept, so that it equals no origin.
    """
    host = _host_of(address)
    return as_browsers_write(f"{urlsplit(address).scheme}://{host}") if host else ""


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).netloc
    except ValueError:  # malformed brackets
        return ""
