"""A passkey as a way to confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from ...exceptions import ReauthenticationFailed
from ...usable import usable_passkeys
from ..user_verification import follows_another_factor
from .base import Way

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_otp.models import Device


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
        way.needs_another = not alone and not follows_another_factor(request)
        return [way] if passkeys else []

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> Device | None:
        """Refuse: no form proves a passkey."""
        raise ReauthenticationFailed("a form was posted for a passkey")
