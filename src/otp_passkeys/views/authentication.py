"""Signing in and confirming with a passkey."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse

from .. import actions, reauthentication, remembered, sync
from ..challenges import Purpose
from ..exceptions import CredentialNotFound, PasskeyError
from ..relying_party import relying_party_here
from .base import OptionsView, PasskeyView
from .bodies import text
from .sign_in import SignInView


class AuthenticateOptionsView(OptionsView):
    """Begins a sign-in or, for a signed-in user, a confirmation."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the options for ``navigator.credentials.get()``.

        ``account`` names a remembered account, whose passkeys are then asked for, and ``verification`` may be
        ``"required"``. If the body cannot be read, or the account is unknown, it is as if nothing was asked for.
        """
        wishes = self.wishes()
        account = remembered.account(request, wishes.get("account"))
        options = actions.begin_authentication(
            request,
            account=account and account.user,
            requires_user_verification=wishes.get("verification") == "required",
        )
        return JsonResponse(options)


class AuthenticateView(PasskeyView):
    """Finishes a sign-in or a confirmation."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign in or confirm, and say where to go."""
        # An address that cannot be opened is ignored, and a credential is read as the specification says.
        body = self.parse("credential", "next")
        asked = text(body, "next")
        self._credential = self.credential(body)
        done = actions.authenticate(request, self._credential)
        signs_in = done.purpose is Purpose.SIGN_IN
        if signs_in and not remembered.may_return(request, request.user):
            asked = ""
        target = reauthentication.safe_target(request, asked)
        response = self.lead_to(target)
        if signs_in:
            remembered.remember(request, response)
        else:
            reauthentication.remind_of_unsent(request, target)
        return response

    def error_members(self, error: PasskeyError) -> dict[str, Any]:
        """Return what the browser is to forget, where no account has the passkey."""
        signal = self._signal(error)
        return {"signal": signal} if signal else {}

    def refusal_page(self, error: PasskeyError) -> HttpResponse:
        """Return the sign-in page, which says why the sign-in failed."""
        view = SignInView()
        view.setup(self.request)
        context = {
            "address": reverse("otp_passkeys:sign-in"),
            "passkey_error": error.message,
            "unknown_credential": self._signal(error),
        }
        return view.refuse(error, **context)

    def _signal(self, error: PasskeyError) -> dict[str, str] | None:
        """Return ``UnknownCredentialOptions`` (WebAuthn L3 §5.1.10.1), or None."""
        if not isinstance(error, CredentialNotFound):
            return None
        party = relying_party_here(self.request)
        if party is None or not sync.may_signal_unknown(self.request, party):
            return None
        # The action has read this ID, so it is there and well-formed.
        return {"rpId": party.id, "credentialId": cast("dict[str, str]", self._credential)["id"]}
