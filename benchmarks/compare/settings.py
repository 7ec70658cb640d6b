"""Settings of a site with one package: COMPARED in the environment names it, and nothing leaves Django alone."""

from __future__ import annotations

import os
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import django

from benchmarks.settings import *  # noqa: F403
from benchmarks.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE, TEMPLATES

COMPARED = os.environ.get("COMPARED", "")

_APPS = {
    "floor": ["django_otp", "benchmarks.floor"],
    "this app": ["django_otp", "otp_passkeys"],
    "django-otp-webauthn": ["django_otp", "django_otp_webauthn"],
    "django-passkeys": ["passkeys"],
    "allauth": ["allauth", "allauth.account", "allauth.mfa", "django.contrib.humanize"],
}
_BACKENDS = {
    "this app": ["otp_passkeys.backends.PasskeyBackend"],
    "django-otp-webauthn": ["django_otp_webauthn.backends.WebAuthnBackend"],
    "django-passkeys": ["passkeys.backend.PasskeyModelBackend"],
}
_SETTINGS: dict[str, dict[str, Any]] = {
    "django-otp-webauthn": {
        "OTP_WEBAUTHN_RP_ID": "testserver",
        "OTP_WEBAUTHN_RP_NAME": "Test",
        "OTP_WEBAUTHN_ALLOWED_ORIGINS": ["https://testserver"],
    },
    "django-passkeys": {
        "FIDO_SERVER_ID": "testserver",
        "FIDO_SERVER_NAME": "Test",
    },
    "allauth": {
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_RATE_LIMITS": False,
        "MFA_RATE_LIMITS": False,
        "MFA_SUPPORTED_TYPES": ["webauthn"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_REAUTHENTICATION_REQUIRED": False,
    },
}
_PACKAGE = COMPARED.partition("==")[0]

# No second database, and so no choice between two.
DATABASES = {"default": {**DATABASES["default"]}}
_name = f"otp_passkeys_compare_{os.getpid()}"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    _name = str(Path(tempfile.gettempdir()) / f"{_name}.sqlite3")
DATABASES["default"] |= {"NAME": _name, "TEST": {"NAME": _name}}
DATABASE_ROUTERS = []
INSTALLED_APPS = [
    *(one for one in INSTALLED_APPS if one.startswith("django.contrib.")),
    *_APPS.get(_PACKAGE, []),
]
_OTP = "django_otp.middleware.OTPMiddleware"
MIDDLEWARE = [
    *(one for one in MIDDLEWARE if one != _OTP or "django_otp" in INSTALLED_APPS),
    *(["allauth.account.middleware.AccountMiddleware"] if _PACKAGE == "allauth" else []),
]
AUTHENTICATION_BACKENDS = [
    # That of django-passkeys takes its place; beside it, each passkey would be hashed as a password first.
    *(["django.contrib.auth.backends.ModelBackend"] if _PACKAGE != "django-passkeys" else []),
    *_BACKENDS.get(_PACKAGE, []),
]
ROOT_URLCONF = "benchmarks.compare.urls"
LOGIN_URL = LOGIN_REDIRECT_URL = "/plain/"
TEMPLATES = deepcopy(TEMPLATES)
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]  # the site's own base template
# Whoever sends mails by default sends them here too, into memory.
del OTP_PASSKEYS_NOTIFY  # noqa: F821
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
if django.VERSION < (6, 1):
    EMAIL_BACKEND = MAILERS["default"]["BACKEND"]
    del MAILERS
globals().update(_SETTINGS.get(_PACKAGE, {}))
