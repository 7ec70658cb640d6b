"""The settings, each read from Django at the moment it is used.

A property bears the full name of its setting, so that one search finds setting, code, test and docs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .relying_party import RelyingParty


def _callable(value: str | Callable[..., Any] | None) -> Callable[..., Any] | None:
    """Return the callable that a setting names, given itself or as a dotted path."""
    return import_string(value) if isinstance(value, str) else value


class Settings:
    """Reads the ``OTP_PASSKEYS_…`` settings; every one is optional."""

    @property
    def OTP_PASSKEYS_RP_ID(self) -> str | None:
        """The RP ID: a host of the site or its parent domain. Default: the host of the request."""
        return getattr(settings, "OTP_PASSKEYS_RP_ID", None)

    @property
    def OTP_PASSKEYS_RP_NAME(self) -> str | None:
        """The name of the site that browsers may show. Default: the RP ID."""
        return getattr(settings, "OTP_PASSKEYS_RP_NAME", None)

    @property
    def OTP_PASSKEYS_ALLOWED_ORIGINS(self) -> Sequence[str] | None:
        """The origins from which answers are taken. Default: the origin of the request's host."""
        return getattr(settings, "OTP_PASSKEYS_ALLOWED_ORIGINS", None)

    @property
    def OTP_PASSKEYS_RELYING_PARTY(self) -> Callable[[HttpRequest], RelyingParty] | None:
        """A callable, or its dotted path, that makes the relying party from the request."""
        return _callable(getattr(settings, "OTP_PASSKEYS_RELYING_PARTY", None))

    @property
    def OTP_PASSKEYS_USER_VERIFICATION(self) -> str:
        """``"required"`` (default) or ``"preferred"``: whether a PIN or biometrics is demanded."""
        return getattr(settings, "OTP_PASSKEYS_USER_VERIFICATION", "required")

    @property
    def OTP_PASSKEYS_CHALLENGE_MAX_AGE(self) -> int:
        """Seconds for which a challenge may be answered."""
        return getattr(settings, "OTP_PASSKEYS_CHALLENGE_MAX_AGE", 600)

    @property
    def OTP_PASSKEYS_SIGNAL_UNKNOWN_CREDENTIAL(self) -> bool | None:
        """Whether browsers may be told to forget a passkey that no account has.

        Default: only where the RP ID is the very host of the request.
        """
        return getattr(settings, "OTP_PASSKEYS_SIGNAL_UNKNOWN_CREDENTIAL", None)

    @property
    def OTP_PASSKEYS_SIGN_COUNT_MAY_REPEAT(self) -> bool:
        """Whether a sign count that did not grow is let through."""
        return getattr(settings, "OTP_PASSKEYS_SIGN_COUNT_MAY_REPEAT", False)

    @property
    def OTP_PASSKEYS_OTHER_WAYS_IN(self) -> Callable[[Any], Iterable[str]] | None:
        """A callable, or its dotted path, naming a user's ways in that this app cannot see."""
        return _callable(getattr(settings, "OTP_PASSKEYS_OTHER_WAYS_IN", None))


conf = Settings()
