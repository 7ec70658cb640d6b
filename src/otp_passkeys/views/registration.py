"""Adding a passkey."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from .. import actions, reauthentication
from ..actions.acting import require_acting_user
from ..actions.transient_errors import refusing_transient_errors
from ..exceptions import (
    Impersonated,
    NotAuthenticated,
    PasskeyError,
    ReauthenticationRequired,
    Throttled,
    TooManyPasskeys,
)
from .base import OptionsView, PasskeyView
from .panel import render_panel
from .passkeys_json import passkey_json

# What keeps a browser from adding a passkey by itself.
_NOT_NOW = (NotAuthenticated, Impersonated, ReauthenticationRequired, Throttled, TooManyPasskeys)


class RegisterOptionsView(OptionsView):
    """Begins a registration."""

    place = reauthentication.ADD_BUTTON

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the options for ``navigator.credentials.create()``."""
        wishes = self.wishes()
        upgrade, hints = wishes.get("upgrade") is True, wishes.get("hints")
        try:
            options = actions.begin_registration(request, upgrade=upgrade, hints=hints)
        except _NOT_NOW:
            if not upgrade:
                raise
            # The user did not ask for it, and an error would only appear in the console.
            return HttpResponse(status=204)
        return JsonResponse(options)


class RegisterView(PasskeyView):
    """Finishes a registration."""

    place = reauthentication.ADD_BUTTON

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Store the passkey."""
        require_acting_user(request)  # first, because a refusal is shown in the panel of a user
        # The browser has saved it: a name that cannot be stored is dropped, and the passkey is kept.
        body = self.parse("credential", "nickname")
        registration = actions.register(
            request, self.credential(body), nickname=body.get("nickname") or ""
        )
        if not self.is_json:
            return redirect(f"{reverse('otp_passkeys:list')}?added={registration.passkey.pk}")
        answer = passkey_json(registration.passkey)
        if registration.nickname_error:
            answer["nickname_error"] = registration.nickname_error
        return JsonResponse(answer, status=201)

    def refuse_body(self, error: PasskeyError) -> HttpResponseBase:
        """Answer a request whose body is not to be read; here too, who asks is judged first."""
        try:
            with refusing_transient_errors():
                require_acting_user(self.request)
        except PasskeyError as first:
            error = first
        return self.refuse(error)

    def refusal_page(self, error: PasskeyError) -> HttpResponse:
        """Return the panel, which says why nothing was added."""
        return render_panel(self.request, error=error.message, status=error.status)
