"""What the browser is to signal, and its report that it has."""

from __future__ import annotations

from typing import Any

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token

from .. import reauthentication, remembered, sessions, sync
from ..conf import conf
from ..exceptions import NotAuthenticated
from ..impersonation import is_impersonated, require_owner
from ..relying_party import listed_origins, relying_party_here
from ..sign_ins import was_found_in_session
from .base import PasskeyView


class SyncView(PasskeyView):
    """Answers the script that the sync tag loads."""

    always_json = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Answer for the user who is signed in now; nothing is taken from the page."""
        if not _may_ask(request) or is_impersonated(request):
            return HttpResponse(status=204)
        user = _user_of(request)
        if not user.is_authenticated:
            return HttpResponse(status=204)
        party = relying_party_here(request)
        if party is None or not sync.is_on():
            return HttpResponse(status=204)
        payload = sync.payload(request, user, party)
        csrf = {"csrfHeader": conf.csrf_header, "csrfToken": get_token(request)}
        return JsonResponse(payload | csrf)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Clear the flag that the browser has dealt with."""
        if not _may_ask(request) or not sync.is_on():
            return HttpResponse(status=204)
        # Whose session it is does not matter, so the user is not loaded. An inactive one whom a backend keeps signed in
        # is answered above, and no page would ever stop asking.
        if auth.SESSION_KEY not in request.session and not request.user.is_authenticated:
            raise NotAuthenticated("nobody is signed in")
        require_owner(request)
        token = self.parse().get("token")
        response = HttpResponse(status=204)
        with sessions.noting(request.session):
            sync.report(request.session, token)
            # The site's own sign-in view gave no answer to put the cookie on.
            remembered.remember_once(request, response)
        return response


def _user_of(request: HttpRequest) -> Any:
    """Return the user of the request, without the device of the session where that can be.

    While ``request.user`` is lazy, nobody has put another user there since django-otp's middleware; to read it would
    let django-otp look for the device. Where the session has nobody, a middleware before that one may name a user.
    """
    if was_found_in_session(request.user):
        user = auth.get_user(request)
        if user.is_authenticated:
            return user
    return request.user


def _may_ask(request: HttpRequest) -> bool:
    """Say whether a page of the site asks, or a script on an origin that the site lists; browsers say which it is.

    :param request: the request; one that says nothing comes from an old browser or from no browser.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is None or reauthentication.is_own_origin(request, origin):
        return site in {None, "same-origin"}
    if origin in listed_origins(request):
        return True
    # The site's own page, if a proxy has renamed the host.
    party = relying_party_here(request) if site == "same-origin" else None
    return party is not None and origin in party.origins
