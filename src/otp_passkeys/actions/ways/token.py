"""A code of a django-otp device as a way to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import django_otp
from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ...exceptions import ReauthenticationFailed
from ...usable import other_devices
from .base import Way

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_otp.models import Device


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


class TokenWrong(ReauthenticationFailed):
    """The code is not this device's, or the device was asked too often."""

    message = _(
        "That code is not right, or there were too many tries. Wait a moment and try again."
    )


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
