"""System checks: what is misconfigured, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.utils.module_loading import import_string

from .backends import PasskeyBackend
from .conf import conf
from .relying_party import fits_allowed_hosts, is_same_or_parent

_MIDDLEWARE = {
    "E001": "django.contrib.sessions.middleware.SessionMiddleware",
    "E002": "django.middleware.csrf.CsrfViewMiddleware",
    "E003": "django.contrib.auth.middleware.AuthenticationMiddleware",
    "E004": "django_otp.middleware.OTPMiddleware",
}


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_installation)
    checks.register(check_relying_party, checks.Tags.security)
    checks.register(check_deployed_hosts, checks.Tags.security, deploy=True)
    checks.register(check_values, checks.Tags.security)
    checks.register(check_tag_library, checks.Tags.templates)


def check_installation(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return errors for what ``INSTALLED_APPS``, ``MIDDLEWARE`` and the backends lack."""
    return list(_missing())


def check_relying_party(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return errors for an RP ID or origins that no browser would take."""
    return list(_misfits())


def check_deployed_hosts(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return an error where the RP ID would be whatever host a request names."""
    derived = conf.OTP_PASSKEYS_RP_ID is None and conf.OTP_PASSKEYS_RELYING_PARTY is None
    wild = [host for host in settings.ALLOWED_HOSTS if host == "*" or host.startswith(".")]
    if not (derived and wild):
        return []
    return [
        checks.Error(
            "The RP ID would be taken from any host that ALLOWED_HOSTS lets through.",
            hint=f"Set OTP_PASSKEYS_RP_ID, or name each host in ALLOWED_HOSTS instead of {wild[0]!r}.",
            id="otp_passkeys.E009",
        )
    ]


def check_values(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[checks.CheckMessage]:
    """Return errors for settings that would fail, or be weaker than meant, when they are used."""
    return list(_unusable_values())


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


def _misfits() -> Iterator[checks.CheckMessage]:
    rp_id, origins = conf.OTP_PASSKEYS_RP_ID, conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    # An empty ALLOWED_HOSTS is development, where Django lets local hosts through; "*" says nothing.
    named = settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS
    if rp_id is not None and named and not fits_allowed_hosts(rp_id):
        yield checks.Error(
            f"OTP_PASSKEYS_RP_ID {rp_id!r} is no host of this site.",
            hint="Set it to an entry of ALLOWED_HOSTS or to a parent domain of one, without scheme and port.",
            id="otp_passkeys.E007",
        )
    for origin in origins or ():
        problem = _origin_problem(origin, rp_id)
        if problem:
            yield checks.Error(
                f"OTP_PASSKEYS_ALLOWED_ORIGINS holds {origin!r}, {problem}.",
                hint="Write it as browsers do: 'https://example.com', with the port only if it is not 443.",
                id="otp_passkeys.E008",
            )


def _unusable_values() -> Iterator[checks.CheckMessage]:
    verification = conf.OTP_PASSKEYS_USER_VERIFICATION
    if verification not in {"required", "always", "preferred"}:
        yield checks.Error(
            f"OTP_PASSKEYS_USER_VERIFICATION is {verification!r}.",
            hint="Set it to 'required', 'always' or 'preferred'.",
            id="otp_passkeys.E010",
        )
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


def _origin_problem(origin: str, rp_id: str | None) -> str:
    if origin.startswith("android:apk-key-hash:"):  # a native app, which has no host
        return ""
    try:
        parts = urlsplit(origin)
        host, number = parts.hostname or "", parts.port
    except ValueError:  # brackets or a port that are none
        return "which is not an origin"
    if parts.scheme != "https" and (parts.scheme, host) != ("http", "localhost"):
        return "which is not https"
    port = f":{number}" if number not in {None, 443} else ""
    if origin != f"{parts.scheme}://{host}{port}":
        return "which is not an origin"
    if rp_id and not is_same_or_parent(rp_id, host):
        return "where passkeys of this RP ID can't be used"
    return ""


def _is_or_extends(entry: str, path: str) -> bool:
    """Say whether an entry of a setting is a class or a subclass of it; a broken path is Django's to report."""
    if entry == path:
        return True
    try:
        found, base = import_string(entry), import_string(path)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, base)
