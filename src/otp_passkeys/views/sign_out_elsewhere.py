"""The page that signs a user out everywhere but in this browser."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from .. import actions, panel_address, reauthentication, remembered
from ..actions.acting import require_acting_user
from ..actions.sign_out_elsewhere import ends_sessions
from ..actions.ways.password import PasswordForm
from ..exceptions import NotFound, PasskeyError, ReauthenticationFailed, Throttled
from ..models import user_details
from ..policy import has_stored_password
from .base import PasskeyView, with_retry_after
from .bodies import text


class SignOutElsewhereView(PasskeyView):
    """Says what it does, asks users who have a password for it, and does it."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Ask."""
        self._require_ends_sessions(require_acting_user(request))
        reauthentication.require(request, actions.TO_CHANGE_PASSKEYS)
        return self._page(self._form())

    # Here and not around dispatch(), where the base class would narrow it to the credential again.
    @method_decorator(sensitive_post_parameters())
    def post(self, request: HttpRequest) -> HttpResponseBase:
        """End the other sessions, or say what is wrong with the password."""
        self._require_ends_sessions(require_acting_user(request))
        form = self._form({"password": text(self.parse(), "password")})
        password = form.cleaned_data["password"] if form and form.is_valid() else ""
        try:
            actions.sign_out_elsewhere(request, password=password)
        except (ReauthenticationFailed, Throttled) as error:
            if self.is_json or form is None:
                raise
            return self._refused(form, error)
        response = HttpResponse(status=204) if self.is_json else self._page(done=True)
        remembered.renew(request, response)
        return response

    def _require_ends_sessions(self, user: Any) -> None:
        if ends_sessions(user):
            return
        reason = "The sessions of this user model do not hang on its password."
        raise NotFound(reason) if self.is_json else Http404(reason)

    def _form(self, data: dict[str, str] | None = None) -> forms.Form | None:
        """Return the form, for users who have a password in the database."""
        user = require_acting_user(self.request)
        return PasswordForm(data) if has_stored_password(user) else None

    def _refused(self, form: forms.Form, error: PasskeyError) -> HttpResponse:
        if not form.errors:
            form.add_error("password", str(error.message))
        response = self._page(form, status=error.status)
        return with_retry_after(response, error)

    def _page(
        self, form: forms.Form | None = None, *, done: bool = False, status: int = 200
    ) -> HttpResponse:
        user = require_acting_user(self.request)
        context = {
            "account": user_details(user).name,
            "form": form,
            "done": done,
            **panel_address.way_back(panel_address.home(self.request)),
        }
        return render(self.request, "otp_passkeys/sign_out_elsewhere.html", context, status=status)
