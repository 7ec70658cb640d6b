"""The test site with another package beside this app: IMPORTS_SOURCE in the environment says which.

They do not go together: two of them have the app label `mfa`.
"""

from __future__ import annotations

import os
from typing import Any

from tests.settings import *  # noqa: F403
from tests.settings import AUTHENTICATION_BACKENDS, DATABASES, INSTALLED_APPS, MIDDLEWARE

SOURCE = os.environ["IMPORTS_SOURCE"]

# What a site adds for each package.
APPS = {
    "django-otp-webauthn": ["django_otp_webauthn"],
    "allauth": ["allauth", "allauth.account", "allauth.mfa"],
    "django-passkeys": ["passkeys"],
    "django-mfa2": ["mfa"],
    "two-factor-auth": ["two_factor", "two_factor.plugins.webauthn"],
    "django-mfa": ["django_mfa"],
}
SETTINGS: dict[str, dict[str, Any]] = {
    "django-otp-webauthn": {
        "OTP_WEBAUTHN_RP_ID": "testserver",
        "OTP_WEBAUTHN_RP_NAME": "Test",
        "OTP_WEBAUTHN_ALLOWED_ORIGINS": ["https://testserver"],
    },
    "allauth": {
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_RATE_LIMITS": False,
        "MFA_SUPPORTED_TYPES": ["webauthn"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_REAUTHENTICATION_REQUIRED": False,
        # For the browser test, which is served without TLS.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": True,
    },
    "django-passkeys": {"FIDO_SERVER_ID": "testserver", "FIDO_SERVER_NAME": "Test"},
    "django-mfa2": {"FIDO_SERVER_ID": "testserver", "FIDO_SERVER_NAME": "Test"},
    "two-factor-auth": {
        "TWO_FACTOR_WEBAUTHN_RP_ID": "testserver",
        "TWO_FACTOR_WEBAUTHN_RP_NAME": "Test",
    },
    "django-mfa": {"MFA_FIDO2_RP_ID": "testserver"},
}
MORE_MIDDLEWARE = {"allauth": ["allauth.account.middleware.AccountMiddleware"]}
MORE_BACKENDS = {
    "django-otp-webauthn": ["django_otp_webauthn.backends.WebAuthnBackend"],
    "django-passkeys": ["passkeys.backend.PasskeyModelBackend"],
    "django-mfa": ["django_mfa.backends.WebAuthnBackend"],
}

# A server may be busy with the whole suite.
DATABASES["default"].setdefault("TEST", {"NAME": "test_otp_passkeys_imports"})
# `otp_passkeys` last: a package with a tag library of the same name must not take its place.
INSTALLED_APPS = [*APPS[SOURCE], *INSTALLED_APPS]
MIDDLEWARE = [*MIDDLEWARE, *MORE_MIDDLEWARE.get(SOURCE, [])]
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, *MORE_BACKENDS.get(SOURCE, [])]
ROOT_URLCONF = "tests.imports.urls"
globals().update(SETTINGS[SOURCE])
