"""What every way has, and what a site's own way must have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import Promise
    from django_otp.models import Device


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
