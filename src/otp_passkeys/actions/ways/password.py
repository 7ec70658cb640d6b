"""The password as a way to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import auth
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ...conf import conf
from ...exceptions import ReauthenticationFailed
from ...reauthentication import follow_hash
from ..guesses import count_guess
from .base import Way

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_otp.models import Device


class PasswordForm(forms.Form):
    """Asks for the password."""

    password = forms.CharField(
        # Translators: The label of a field.
        label=pgettext_lazy("passkeys", "Password"),
        strip=False,
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "current-password",
                "autofocus": True,
                "class": "otp-passkeys-input",
            }
        ),
    )


class PasswordWrong(ReauthenticationFailed):
    """The password is not this user's."""

    message = _("That password is not right. Try again.")


class PasswordWay(Way):
    """The password, by whatever backend of the site knows it; so throttling packages see each try."""

    name = "password"
    # Translators: One of the ways to confirm who you are, as a link in a list.
    label = _("Use your password")

    @classmethod
    def of(cls, request: HttpRequest) -> Iterable[Way]:
        """Return it if the user has a password, as the site's policy says."""
        user = request.user
        return [cls(user)] if conf.OTP_PASSKEYS_POLICY.has_password(user) else []

    def form(self, data: Mapping[str, Any] | None = None) -> forms.Form:
        """Return the form that asks for the password."""
        return PasswordForm(data)

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> Device | None:
        """Ask the site's backends whether it is this user's password; ten times in ten minutes.

        :param request: the request that brings it.
        :param data: the cleaned data of the form.
        :raises Throttled: if the session has guessed too often; nothing is judged then.
        :raises ReauthenticationFailed: if it is not.
        """
        count_guess(request, self.name)
        # By the names that Django's own form uses, which are what every backend takes.
        found = auth.authenticate(
            request, username=self.user.get_username(), password=data["password"]
        )
        if found is None or found.pk != self.user.pk:
            raise PasswordWrong("wrong password")
        if not conf.OTP_PASSKEYS_POLICY.proves_identity(auth.load_backend(found.backend)):
            raise PasswordWrong("answered by a backend that asks nobody")
        follow_hash(request, self.user, found)
        return None
