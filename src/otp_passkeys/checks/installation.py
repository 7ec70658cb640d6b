"""System checks of what is installed: apps, middleware and backends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.urls import reverse
from django.utils.module_loading import import_string

from ..addresses import resolved
from ..backends import PasskeyBackend
from ..conf import conf
from ..sync import other_passkey_apps

_MIDDLEWARE = {
    "E001": "django.contrib.sessions.middleware.SessionMiddleware",
    "E002": "django.middleware.csrf.CsrfViewMiddleware",
    "E003": "django.contrib.auth.middleware.AuthenticationMiddleware",
    "E004": "django_otp.middleware.OTPMiddleware",
}

# What may ask for more than a password, but only on its own sign-in page: a verified address, a factor of its own.
_ASKING_FOR_MORE = ("allauth.account", "django_mfa", "mfa")

_PLACES = {"E003": ", before OTPMiddleware", "E004": ", after AuthenticationMiddleware"}


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_installation)
    checks.register(check_other_apps, checks.Tags.compatibility)
    checks.register(check_other_sign_in, checks.Tags.security)


def check_installation(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return errors for what ``INSTALLED_APPS``, ``MIDDLEWARE`` and the backends lack."""
    return list(_missing())


def check_other_apps(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where another app keeps passkeys, which this one would take for unknown."""
    others = other_passkey_apps()
    if not others or conf.OTP_PASSKEYS_SIGNALS not in (None, True):
        return []
    return [
        checks.Warning(
            f"{', '.join(others)} keeps passkeys too, so browsers are told neither that one is unknown "
            "nor which an account has.",
            hint=(
                "Set OTP_PASSKEYS_SIGNALS = 'no-unknown' if both are to stay, or remove the other app when its "
                "passkeys are no longer used."
            ),
            id="otp_passkeys.W002",
        )
    ]


def check_other_sign_in(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where this app's sign-in page leads past that of another one, which may ask for more."""
    others = [name for name in _ASKING_FOR_MORE if apps.is_installed(name)]
    if not others or not _serves_sign_in():
        return []
    return [
        checks.Warning(
            f"The app's own sign-in page takes a password alone, whatever {', '.join(others)} asks for.",
            hint=(
                "Lead its address to your own sign-in page (the how-to on sign-in pages has the two lines), or "
                "silence this check if a password is enough."
            ),
            id="otp_passkeys.W009",
        )
    ]


def _serves_sign_in() -> bool:
    """Say whether the app's own page is at its address."""
    name = "otp_passkeys:sign-in"
    try:
        return resolved(reverse(name)).view_name == name
    except Exception:  # no such address, or a URLconf that cannot be loaded, which Django reports
        return False


def _missing() -> Iterator[checks.CheckMessage]:
    for number, path in _MIDDLEWARE.items():
        if not any(_is_or_extends(entry, path) for entry in settings.MIDDLEWARE):
            yield checks.Error(
                f"{path.rsplit('.', 1)[1]} is missing.",
                hint=f"Add {path!r} to MIDDLEWARE{_PLACES.get(number, '')}.",
                id=f"otp_passkeys.{number}",
            )
    yield from _misplaced()
    if not apps.is_installed("django_otp"):
        yield checks.Error(
            "django-otp is not installed as an app.",
            hint="Add 'django_otp' to INSTALLED_APPS.",
            id="otp_passkeys.E005",
        )
    path = f"{PasskeyBackend.__module__}.{PasskeyBackend.__qualname__}"
    if not any(_is_or_extends(entry, path) for entry in settings.AUTHENTICATION_BACKENDS):
        yield checks.Error(
            "No passkey can sign in: the authentication backend is missing.",
            hint=f"Add {path!r} to AUTHENTICATION_BACKENDS.",
            id="otp_passkeys.E006",
        )


def _misplaced() -> Iterator[checks.CheckMessage]:
    places = {
        number: place
        for number in ("E003", "E004")
        for place, entry in enumerate(settings.MIDDLEWARE)
        if _is_or_extends(entry, _MIDDLEWARE[number])
    }
    if len(places) == 2 and places["E004"] < places["E003"]:
        yield checks.Error(
            "OTPMiddleware stands before AuthenticationMiddleware and sees no user, so that nobody can add a passkey.",
            hint=f"In MIDDLEWARE, move {settings.MIDDLEWARE[places['E004']]!r} to behind AuthenticationMiddleware.",
            id="otp_passkeys.E016",
        )


def _is_or_extends(entry: str, path: str) -> bool:
    """Say whether an entry of a setting is a class or a subclass of it; a broken path is Django's to report."""
    if entry == path:
        return True
    try:
        found, base = import_string(entry), import_string(path)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, base)
