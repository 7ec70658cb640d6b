"""Adding a passkey."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from .. import actions
from ..actions.answering import require_active_user
from ..exceptions import PasskeyError
from .base import PasskeyView
from .panel import render_panel
from .shapes import passkey_json


class RegisterOptionsView(PasskeyView):
    """Begins a registration."""

    always_json = True

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the options for ``navigator.credentials.create()``."""
        return JsonResponse(actions.begin_registration(request))


class RegisterView(PasskeyView):
    """Finishes a registration."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Store the passkey."""
        require_active_user(request)  # first, because a refusal is shown in the panel of a user
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
