"""Ways to prove, in a session, that it is still the same person: a passkey, the password, a code.

To add its own way, a site writes a class with the members of :class:`Way`, named in
``OTP_PASSKEYS_REAUTHENTICATION_WAYS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import django_otp
from django import forms
from django.contrib import auth
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ..conf import conf
from ..exceptions import ReauthenticationFailed
from ..reauthentication import follow_hash
from ..usable import other_devices, usable_passkeys
from .demanding import is_second_step
from .guesses import count_guess

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import Promise
    from django_otp.models import Device

__all__ = ["PasskeyWay", "PasswordWay", "TokenWay", "Way"]


class Way:
    """One way to prove who one is.

    :param user: the user of the session.
    """

    name: ClassVar[str] = ""
    """Says which way it is, in addresses and in the marker."""

    label: str | Promise = ""
    """What the user reads among the other ways."""

    is_second_factor: bool = False
    """Whether it proves something more than the password."""

    is_doubtful: bool = False
    """Whether it may not work, as a security key may be unable to verify its user; other ways come first then."""

    needs_another: bool = False
    """Whether it counts only together with another proof, which is still missing."""

    template_name: str = "otp_passkeys/includes/way.html"
    """What is shown when this way is chosen."""

    def __init__(self, user: Any) -> None:
        self.user = user

    @classmethod
    def of(cls, request: HttpRequest) -> Iterable[Way]:
        """Return this way as often as the user has it here: none, one, or one for each device.

        :param request: a request of the user.
        """
        raise NotImplementedError

    @property
    def key(self) -> str:
        """What tells this way from the user's others."""
        return self.name

    def form(self, data: Mapping[str, Any] | None = None) -> forms.Form:
        """Return the form that asks.

        :param data: what was posted.
        """
        return forms.Form(data)

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> Device | None:
        """Judge what was given, and return the device that it proves, if it is one.

        :param request: the request that brings it.
        :param data: the cleaned data of the form.
        :raises ReauthenticationFailed: if it proves nothing.
        """
        raise NotImplementedError


class PasskeyWay(Way):
    """A passkey: the ceremony ends at the address ``authenticate``, not in a form."""

    name = "passkey"
    # Translators: One of the ways to confirm who you are, as a link in a list.
    label = _("Use your passkey")
    is_second_factor = True
    template_name = "otp_passkeys/includes/way_passkey.html"

    @classmethod
    def of(cls, request: HttpRequest) -> Iterable[Way]:
        """Return it if the user has a passkey that works at this address."""
        passkeys = usable_passkeys(request, request.user)
        way = cls(request.user)
        alone = [passkey for passkey in passkeys if not passkey.second_step_only]
        way.is_doubtful = not any(passkey.user_verified for passkey in alone)
        way.needs_another = not alone and not is_second_step(request)
        return [way] if passkeys else []

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> Device | None:
        """Refuse: no form proves a passkey."""
        raise ReauthenticationFailed("a form was posted for a passkey")


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


class PasswordWrong(ReauthenticationFailed):
    """The password is not this user's."""

    message = _("That password is not right. Try again.")


class TokenForm(forms.Form):
    """Asks for a code.

    :param data: what was posted.
    :param label: which code, as the label of the field.
    :param numeric: whether it has digits only, so that a phone shows the keys for them.
    """

    token = forms.CharField(
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "class": "otp-passkeys-input",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        label: str,
        numeric: bool = False,
    ) -> None:
        super().__init__(data)
        self.fields["token"].label = label
        if numeric:
            self.fields["token"].widget.attrs["inputmode"] = "numeric"


class TokenWay(Way):
    """A code of a django-otp device: an authenticator app, or one of the recovery codes.

    :param user: the user of the session.
    :param device: the device whose code it is.
    """

    name = "token"
    is_second_factor = True

    def __init__(self, user: Any, device: Device) -> None:
        super().__init__(user)
        self.device = device
        # By its label: to import the model would need the app to be installed.
        self.is_recovery = device._meta.label == "otp_static.StaticDevice"
        self.label = (
            # Translators: One of the ways to confirm who you are. Recovery codes were written down before.
            _("Use a recovery code")
            if self.is_recovery
            # Translators: %(device)s is the name of what makes or gets the codes, such as an app.
            else _("Use a code from %(device)s") % {"device": device.name}
        )

    @classmethod
    def of(cls, request: HttpRequest) -> Iterable[Way]:
        """Return one for each confirmed device that takes a code which the user has at hand."""
        user = request.user
        ways = [cls(user, device) for device in other_devices(user) if not device.is_interactive()]
        return [way for way in ways if not way.is_recovery or way._has_codes()]

    def _has_codes(self) -> bool:
        """Say whether there are recovery codes that were not used yet."""
        device: Any = self.device
        return bool(device.token_set.using(device._state.db).exists())

    @property
    def key(self) -> str:
        """The device's ID."""
        return str(self.device.persistent_id)

    def form(self, data: Mapping[str, Any] | None = None) -> forms.Form:
        """Return the form that asks for the code, and says which."""
        if self.is_recovery:
            # Translators: The label of a field.
            return TokenForm(data, label=pgettext("passkeys", "Recovery code"))
        # Translators: The label of a field. %(device)s is the name of what makes or gets the codes, such as an app.
        label = gettext("Code from %(device)s") % {"device": self.device.name}
        # The codes of OATH, which say how many digits they have; others may be of letters.
        return TokenForm(data, label=label, numeric=hasattr(self.device, "digits"))

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> Device | None:
        """Ask the device, which counts and slows down failures."""
        token = data["token"].replace(" ", "")
        device: Device | None = django_otp.verify_token(self.user, self.key, token)
        if device is None:
            raise TokenWrong("wrong code, or too many tries")
        return device


class TokenWrong(ReauthenticationFailed):
    """The code is none of this device's, or it is asked too often."""

    message = _(
        "That code is not right, or there were too many tries. Wait a moment and try again."
    )
