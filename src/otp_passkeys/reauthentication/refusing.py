"""What a request gets that does not meet a need: the way to the page that asks, or an answer for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import urlencode

from ..exceptions import NotAuthenticated, PasskeyError, ReauthenticationRequired
from ..sign_ins import is_in_session
from .returning import SAFE_METHODS, as_reached, leads_elsewhere, page_to_return_to
from .unsent import note_unsent

if TYPE_CHECKING:
    from django.http import HttpRequest

_JSON = "application/json"


def refusal(
    request: HttpRequest, error: PasskeyError, *, as_json: bool | None = None, place: str = ""
) -> HttpResponseBase:
    """Answer a request that does not meet a need: the way to the page that asks, or 403 for a script.

    :param request: the refused request.
    :param error: :class:`NotAuthenticated` or :class:`ReauthenticationRequired`.
    :param as_json: whether a script asks; default: as the headers of the request say.
    :param place: the ID of what the user pressed, to which they come back.
    :raises PermissionDenied: if an inactive user is signed in, whom the sign-in page would send back here.
    """
    htmx = "HX-Request" in request.headers
    script = htmx or (asks_for_json(request) if as_json is None else as_json)
    page = page_to_return_to(request, script=script)
    elsewhere = leads_elsewhere(request, page)
    if isinstance(error, NotAuthenticated) and error.is_inactive and (htmx or not script):
        raise PermissionDenied(error.reason)
    signed_in = isinstance(error, ReauthenticationRequired)
    if signed_in and place and not elsewhere:
        page = f"{page or reverse('otp_passkeys:list')}#{place}"
    acts = signed_in and request.method not in SAFE_METHODS
    # Beside a token the session is nobody's, or another user's.
    if acts and not elsewhere and is_in_session(request):
        note_unsent(request, page)
    # A user whose session has ended is led on from there to sign in, be it on another site, and comes back as well.
    address = reverse(f"otp_passkeys:{getattr(error, 'page', 'reauthenticate')}")
    target = f"{address}?{urlencode({'next': page})}" if page else address
    response: HttpResponseBase
    if script:
        response = _for_script(request, error, as_reached(request, target))
    elif signed_in:
        response = HttpResponseRedirect(target)
    else:
        from django.contrib.auth.views import redirect_to_login  # late: it loads forms and views

        response = redirect_to_login(page or resolve_url(settings.LOGIN_REDIRECT_URL))
    patch_vary_headers(response, ("Accept", "HX-Request", "Origin"))
    # Whatever the view allows to caches: the answer names the page that asked, and is no longer true once the user has
    # confirmed.
    add_never_cache_headers(response)
    return response


def asks_for_json(request: HttpRequest) -> bool:
    """Say whether a request sends JSON, or would rather have it than a page.

    :param request: the request; an ``Accept`` header that cannot be read asks for nothing.
    """
    if request.content_type == _JSON:
        return True
    try:
        return request.get_preferred_type(["text/html", _JSON]) == _JSON
    # Too long, with a parameter in an unknown encoding, or with one that is both whole and in parts
    # (RFC 2231 §3), at which Python's parser fails. The first releases of Django 5.2 raise LookupError.
    except (LookupError, ValueError, TypeError):
        return False


def _for_script(request: HttpRequest, error: PasskeyError, target: str) -> HttpResponseBase:
    body = {"detail": str(error.message), "code": error.code}
    signed_in = isinstance(error, ReauthenticationRequired)
    may_go_there = signed_in or not getattr(error, "is_inactive", False)
    return JsonResponse(
        {**body, "reauthenticate_url": target} if may_go_there else body,
        status=403 if signed_in else 401,
        headers={"HX-Redirect": target} if "HX-Request" in request.headers else None,
    )
