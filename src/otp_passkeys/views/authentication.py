"""Signing in and confirming with a passkey, and the ready sign-in page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.clickjacking import xframe_options_deny

from .. import actions, sync
from ..exceptions import CredentialNotFound, PasskeyError
from ..relying_party import relying_party
from .base import PasskeyView, text


@method_decorator(xframe_options_deny, name="dispatch")
class SignInView(LoginView):
    """Django's sign-in page with a passkey button and autofill."""

    template_name = "otp_passkeys/sign_in.html"


class AuthenticateOptionsView(PasskeyView):
    """Begins a sign-in or, for a signed-in user, a confirmation."""

    always_json = True

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the options for ``navigator.credentials.get()``."""
        return JsonResponse(actions.begin_authentication(request))


class AuthenticateView(PasskeyView):
    """Finishes a sign-in or a confirmation."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign in or confirm, and say where to go."""
        body = self.parse()
        target = self._safe_target(text(body, "next"))
        self._credential = self.credential(body)
        actions.authenticate(request, self._credential)
        return (
            JsonResponse({"redirect_url": target}) if self.is_json else HttpResponseRedirect(target)
        )

    def error_members(self, error: PasskeyError) -> dict[str, Any]:
        """Return what the browser is to forget, where no account has the passkey."""
        signal = self._signal(error)
        return {"signal": signal} if signal else {}

    def refusal_page(self, error: PasskeyError, status: int) -> HttpResponse:
        """Return the sign-in page, which says why nobody was signed in."""
        view = SignInView()
        view.setup(self.request)
        view.extra_context = {
            "passkey_error": error.message,
            "unknown_credential": self._signal(error),
        }
        # An unbound form: this request brought no password to complain about.
        context = view.get_context_data(form=view.get_form_class()(self.request))
        return view.render_to_response(context, status=status)

    def _signal(self, error: PasskeyError) -> dict[str, str] | None:
        """Return ``UnknownCredentialOptions`` (WebAuthn L3 §5.1.10.1), or None."""
        party = relying_party(self.request)
        if not isinstance(error, CredentialNotFound) or not sync.may_signal_unknown(
            self.request, party
        ):
            return None
        # The action has read this ID, so it is there and well-formed.
        assert isinstance(self._credential, dict)  # noqa: S101 - for the type checker
        return {"rpId": party.id, "credentialId": self._credential["id"]}

    def _safe_target(self, target: str) -> str:
        """Return where to go: what was asked for if it leads to this site, else the default."""
        if target.isprintable() and url_has_allowed_host_and_scheme(
            target,
            allowed_hosts={self.request.get_host()},
            require_https=self.request.is_secure(),
        ):
            return target
        return resolve_url(settings.LOGIN_REDIRECT_URL)
