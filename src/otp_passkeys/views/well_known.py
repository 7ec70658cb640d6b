"""What browsers and password managers look for at the root of a site."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..relying_party import RelyingParty, relying_party

# Public and the same for everybody at this host; short, so that a new origin works within minutes.
CACHE_CONTROL = "public, max-age=300"


@login_not_required  # or Django's LoginRequiredMiddleware would ask for the user
@require_safe
def webauthn(request: HttpRequest) -> JsonResponse:
    """Name the origins that may use the passkeys of this RP ID (WebAuthn L3 §5.11).

    :param request: GET or HEAD; neither session nor user is looked at.
    """
    return _answer({"origins": list(relying_party(request).origins)})


@login_not_required
@require_safe
def passkey_endpoints(request: HttpRequest) -> JsonResponse:
    """Say where a user adds and manages passkeys (the well-known URL for passkey endpoints).

    :param request: GET or HEAD; neither session nor user is looked at.
    """
    panel = _origin(request, relying_party(request)) + reverse("otp_passkeys:list")
    return _answer({"enroll": panel, "manage": panel})


def _origin(request: HttpRequest, party: RelyingParty) -> str:
    # Only where the ceremonies work; the scheme of the request, wrong behind a proxy, is asked for localhost only.
    host = request.get_host()
    here = (f"{request.scheme}://{host}", f"https://{host}")
    web = [origin for origin in party.origins if origin.startswith(("https://", "http://"))]
    return next((origin for origin in (*here, *web) if origin in web), here[1])


def _answer(members: dict[str, Any]) -> JsonResponse:
    return JsonResponse(members, headers={"Cache-Control": CACHE_CONTROL})
