"""System checks: what is misconfigured, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.utils.module_loading import import_string

from .backends import PasskeyBackend
from .conf import conf
from .policy import Policy
from .sync import other_passkey_apps

_MIDDLEWARE = {
    "E001": "django.contrib.sessions.middleware.SessionMiddleware",
    "E002": "django.middleware.csrf.CsrfViewMiddleware",
    "E003": "django.contrib.auth.middleware.AuthenticationMiddleware",
    "E004": "django_otp.middleware.OTPMiddleware",
}


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_installation)
    checks.register(check_other_apps, checks.Tags.compatibility)
    checks.register(check_policy, checks.Tags.security)
    checks.register(check_values, checks.Tags.security)
    checks.register(check_tag_library, checks.Tags.templates)


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
            f"{', '.join(others)} keeps passkeys too, so browsers are never told that one is unknown.",
            hint=(
                "Set OTP_PASSKEYS_SIGNALS = 'no-unknown' if both are to stay, or remove the other app when its "
                "passkeys are no longer used."
            ),
            id="otp_passkeys.W002",
        )
    ]


def check_values(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return errors for settings that would fail, or be weaker than meant, when they are used."""
    return list(_unusable_values())


def check_policy(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return an error where ``OTP_PASSKEYS_POLICY`` names no policy: every sign-in would fail."""
    named = getattr(settings, "OTP_PASSKEYS_POLICY", Policy)
    try:
        found = import_string(named) if isinstance(named, str) else named
    except ImportError:
        found = None
    if isinstance(found, type) and issubclass(found, Policy):
        return []
    return [
        checks.Error(
            f"OTP_PASSKEYS_POLICY names {named!r}, which is no policy.",
            hint="Name a subclass of 'otp_passkeys.policy.Policy' by its dotted path.",
            id="otp_passkeys.E013",
        )
    ]


def check_tag_library(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where ``{% load otp_webauthn %}`` loads another app's library."""
    name, ours = "otp_webauthn", "otp_passkeys.templatetags.otp_webauthn"
    for engine in engines.all():
        if not isinstance(engine, DjangoTemplates):
            continue
        loaded = engine.engine.libraries.get(name)
        others = [
            config.name
            for config in apps.get_app_configs()
            if config.name != "otp_passkeys" and _has_module(f"{config.name}.templatetags.{name}")
        ]
        if others or loaded not in {None, ours}:
            return [
                checks.Warning(
                    f"The template library {name!r} is also that of {', '.join(others) or loaded}.",
                    hint="Write {% load otp_passkeys %} in your templates, which is ours alone.",
                    id="otp_passkeys.W001",
                )
            ]
    return []


def _has_module(path: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:
        return False


def _missing() -> Iterator[checks.CheckMessage]:
    for number, path in _MIDDLEWARE.items():
        if not any(_is_or_extends(entry, path) for entry in settings.MIDDLEWARE):
            yield checks.Error(
                f"{path.rsplit('.', 1)[1]} is missing.",
                hint=f"Add {path!r} to MIDDLEWARE.",
                id=f"otp_passkeys.{number}",
            )
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


def _unusable_values() -> Iterator[checks.CheckMessage]:
    verification = conf.OTP_PASSKEYS_USER_VERIFICATION
    if verification not in {"required", "always", "preferred"}:
        yield checks.Error(
            f"OTP_PASSKEYS_USER_VERIFICATION is {verification!r}.",
            hint="Set it to 'required', 'always' or 'preferred'.",
            id="otp_passkeys.E010",
        )
    signals = conf.OTP_PASSKEYS_SIGNALS
    if not (signals is None or isinstance(signals, bool) or signals == "no-unknown"):
        yield checks.Error(
            f"OTP_PASSKEYS_SIGNALS is {signals!r}.",
            hint="Set it to True, False or 'no-unknown', or leave it out.",
            id="otp_passkeys.E012",
        )
    yield from _unusable_ages()
    for path in conf.OTP_PASSKEYS_REAUTHENTICATION_WAYS:
        try:
            way = import_string(path)
        except ImportError:
            way = None
        if not all(hasattr(way, member) for member in ("of", "prove")):
            yield checks.Error(
                f"OTP_PASSKEYS_REAUTHENTICATION_WAYS names {path!r}, which is no way to prove who one is.",
                hint="Name a subclass of 'otp_passkeys.actions.ways.Way' by its dotted path.",
                id="otp_passkeys.E011",
            )


def _unusable_ages() -> Iterator[checks.CheckMessage]:
    ages = {
        "OTP_PASSKEYS_CHALLENGE_MAX_AGE": conf.OTP_PASSKEYS_CHALLENGE_MAX_AGE,
        "OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE": conf.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE,
    }
    for name, age in ages.items():
        if type(age) is not int:
            yield checks.Error(
                f"{name} is {age!r}, which is no whole number.",
                hint="Set it to a number of seconds, without quotation marks, or leave it out.",
                id="otp_passkeys.E014",
            )
        elif age < 1:
            once = "To ask before each action, write once=True at the view."
            yield checks.Error(
                f"{name} is {age!r}, so that nothing is ever young enough.",
                hint=f"Set it to at least 1 second, or leave it out.{f' {once}' if 'REAUTH' in name else ''}",
                id="otp_passkeys.E015",
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
