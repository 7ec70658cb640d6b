"""The settings, each read from Django at the moment it is used.

A property has the full name of its setting, so that one search finds setting, code, test and docs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .policy import Policy
    from .relying_party import RelyingParty


WAYS = (
    "otp_passkeys.actions.ways.PasskeyWay",
    "otp_passkeys.actions.ways.PasswordWay",
    "otp_passkeys.actions.ways.TokenWay",
)


def _callable(value: str | Callable[..., Any] | None) -> Callable[..., Any] | None:
    """Return the callable that a setting names, given itself or as a dotted path."""
    return import_string(value) if isinstance(value, str) else value


class Settings:
    """Reads the ``OTP_PASSKEYS_…`` settings; every one is optional."""

    @property
    def OTP_PASSKEYS_RP_ID(self) -> str | None:
        """The RP ID: a host of the site or its parent domain. Default: the host, if ``ALLOWED_HOSTS`` names it."""
        return getattr(settings, "OTP_PASSKEYS_RP_ID", None)

    @property
    def OTP_PASSKEYS_RP_NAME(self) -> str | None:
        """The name of the site that browsers may show. Default: the RP ID."""
        return getattr(settings, "OTP_PASSKEYS_RP_NAME", None)

    @property
    def OTP_PASSKEYS_ALLOWED_ORIGINS(self) -> Sequence[str] | None:
        """The origins from which answers are taken. Default: that of the host, if ``ALLOWED_HOSTS`` names it."""
        return getattr(settings, "OTP_PASSKEYS_ALLOWED_ORIGINS", None)

    @property
    def OTP_PASSKEYS_RELYING_PARTY(self) -> Callable[[HttpRequest], RelyingParty | None] | None:
        """A callable, or its dotted path, that makes the relying party from the request, or None."""
        return _callable(getattr(settings, "OTP_PASSKEYS_RELYING_PARTY", None))

    @property
    def OTP_PASSKEYS_USER_VERIFICATION(self) -> str:
        """Whether a PIN or biometrics is demanded: ``"required"`` (default), ``"always"`` or ``"preferred"``.

        ``"always"`` demands it for confirming as well, also where the passkey is the second factor.
        """
        return getattr(settings, "OTP_PASSKEYS_USER_VERIFICATION", "required")

    @property
    def user_verification(self) -> str:
        """What a ceremony asks for that may open an account: ``"required"`` or ``"preferred"``."""
        preferred = self.OTP_PASSKEYS_USER_VERIFICATION == "preferred"
        return "preferred" if preferred else "required"

    @property
    def csrf_header(self) -> str:
        """The HTTP header in which Django takes the CSRF token, which a site may have renamed."""
        return settings.CSRF_HEADER_NAME.removeprefix("HTTP_").replace("_", "-")

    @property
    def OTP_PASSKEYS_CHALLENGE_MAX_AGE(self) -> int:
        """Seconds for which a challenge may be answered."""
        return getattr(settings, "OTP_PASSKEYS_CHALLENGE_MAX_AGE", 600)

    @property
    def OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE(self) -> int:
        """Seconds for which a user who proved who they are is not asked again."""
        return getattr(settings, "OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE", 600)

    @property
    def OTP_PASSKEYS_REAUTHENTICATION_WAYS(self) -> Sequence[str]:
        """The dotted paths of the ways to prove who one is, the preferred first."""
        return getattr(settings, "OTP_PASSKEYS_REAUTHENTICATION_WAYS", WAYS)

    @property
    def OTP_PASSKEYS_RECOVERY_URL(self) -> str | None:
        """The page for users who have lost every way to prove who they are: an address or the name of one."""
        return getattr(settings, "OTP_PASSKEYS_RECOVERY_URL", None)

    @property
    def OTP_PASSKEYS_REMEMBER_ACCOUNTS(self) -> bool | str:
        """Whether the browser remembers, in a signed cookie, which accounts signed in there.

        ``"masked"`` shows their names in part only.
        """
        return getattr(settings, "OTP_PASSKEYS_REMEMBER_ACCOUNTS", True)

    @property
    def OTP_PASSKEYS_NOTIFY(self) -> bool:
        """Whether users get a mail when a passkey is added or deleted."""
        return getattr(settings, "OTP_PASSKEYS_NOTIFY", True)

    @property
    def OTP_PASSKEYS_SIGNALS(self) -> bool | str | None:
        """Whether this deployment tells browsers what it knows: ``True``, ``False`` or ``"no-unknown"``.

        ``"no-unknown"`` never has a browser forget a passkey because no account has it. Absent, which is None, it is
        as ``True``; the system check may ask for a decision then.
        """
        return getattr(settings, "OTP_PASSKEYS_SIGNALS", None)

    @property
    def OTP_PASSKEYS_POLICY(self) -> Policy:
        """What the site decides about users and backends: an instance of the class whose dotted path is set."""
        named = getattr(settings, "OTP_PASSKEYS_POLICY", "otp_passkeys.policy.Policy")
        policy: Policy = import_string(named)() if isinstance(named, str) else named()
        return policy

    @property
    def OTP_PASSKEYS_THROTTLE(self) -> Callable[[HttpRequest, str], int | None] | None:
        """A callable, or its dotted path, that says how many seconds a request must wait; None for not at all."""
        return _callable(getattr(settings, "OTP_PASSKEYS_THROTTLE", None))


conf = Settings()
