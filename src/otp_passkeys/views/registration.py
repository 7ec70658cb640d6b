"""Adding a passkey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from .. import actions
from ..actions.answering import require_acting_user
from ..exceptions import (
    Impersonated,
    NotAuthenticated,
    PasskeyError,
    ReauthenticationRequired,
    Throttled,
    TooManyPasskeys,
)
from .base import PasskeyView
from .panel import render_panel
from .shapes import passkey_json

# What keeps a browser from adding a passkey by itself.
_NOT_NOW = (NotAuthenticated, Impersonated, ReauthenticationRequired, Throttled, TooManyPasskeys)


class RegisterOptionsView(PasskeyView):
    """Begins a registration."""

    always_json = True

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the options for ``navigator.credentials.create()``."""
        body = self._body()
        upgrade, hints = body.get("upgrade") is True, body.get("hints")
        try:
            options = actions.begin_registration(request, upgrade=upgrade, hints=hints)
        except _NOT_NOW:
            if not upgrade:
                raise
            # Nobody asked for it: an error would be one in the user's console.
            return HttpResponse(status=204)
        return JsonResponse(options)

    def _body(self) -> Mapping[str, Any]:
        try:
            return self.parse()
        except PasskeyError:  # a body is not needed: what cannot be read asks for nothing
            return {}


class RegisterView(PasskeyView):
    """Finishes a registration."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Store the passkey."""
        require_acting_user(request)  # first, because a refusal is shown in the panel of a user
        body = self.parse()
        registration = actions.register(
            request, self.credential(body), nickname=body.get("nickname") or ""
        )
        if not self.is_json:
            return redirect(f"{reverse('otp_passkeys:list')}?added={registration.passkey.pk}")
        answer = passkey_json(registration.passkey)
        if registration.nickname_error:
            answer["nickname_error"] = registration.nickname_error
        return JsonResponse(answer, status=201)

    def refusal_page(self, error: PasskeyError, status: int) -> HttpResponse:
        """Return the panel, which says why nothing was added."""
        return render_panel(self.request, error=error.message, status=status)
