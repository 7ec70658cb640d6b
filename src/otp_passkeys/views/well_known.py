"""What browsers and password managers look for at the root of a site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.urls import reverse

from ..exceptions import UnusableAddress
from ..origins import host_and_port, is_web_origin
from ..relying_party import RelyingParty, made_for
from .public import public

# Public and the same for all visitors of this host; short, so that a new origin works within minutes.
_CACHE_CONTROL = "public, max-age=300"


@public
def webauthn(request: HttpRequest) -> HttpResponse:
    """Name the origins that may use the passkeys of this RP ID (WebAuthn L3 §5.11), or answer 404 if there is none.

    :param request: GET or HEAD.
    """
    party = _party(request)
    return _answer({"origins": _web_origins(party)} if party else None)


@public
def passkey_endpoints(request: HttpRequest) -> HttpResponse:
    """Say where a user adds and manages passkeys (the well-known URL for passkey endpoints), or answer 404.

    :param request: GET or HEAD.
    """
    party = _party(request)
    if party is None:
        return _answer(None)
    panel = _origin(request, party) + reverse("otp_passkeys:list")
    return _answer({"enroll": panel, "manage": panel})


def _party(request: HttpRequest) -> RelyingParty | None:
    try:
        return made_for(request)
    except UnusableAddress:
        return None


def _web_origins(party: RelyingParty) -> list[str]:
    return [origin for origin in party.origins if is_web_origin(origin)]


def _origin(request: HttpRequest, party: RelyingParty) -> str:
    # Only where the ceremonies work; the scheme of the request, wrong behind a proxy, is asked for localhost only.
    # The host of the request is in the answer only where it is among the origins: a wildcard may have let it in.
    host = host_and_port(request)
    here = (f"{request.scheme}://{host}", f"https://{host}")
    web = _web_origins(party)
    return next((origin for origin in (*here, *web) if origin in web), f"https://{party.id}")


def _answer(members: dict[str, Any] | None) -> HttpResponse:
    if members is None:
        return HttpResponseNotFound()  # not the site's page: that may look at the session
    return JsonResponse(members, headers={"Cache-Control": _CACHE_CONTROL})
