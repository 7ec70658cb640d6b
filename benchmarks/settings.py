"""Settings of the site that is measured: a small one, as a server runs it.

The environment chooses the database as `tests/settings.py` says; `DATABASE_NAME` names it here, and a second one of
that name with `_full` behind it.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from tests.settings import DATABASE
from tests.settings import DATABASES as SERVERS

DATABASE_NAME = os.environ.get("DATABASE_NAME", "otp_passkeys_benchmark")


def _database(name: str) -> dict[str, Any]:
    """Describe a database of our own; it has its name in tests too, because Django's test runner makes and drops it."""
    described: dict[str, Any] = {**SERVERS["default"], "CONN_MAX_AGE": None}
    if DATABASE == "sqlite":
        name = str(Path(tempfile.gettempdir()) / f"{name}.sqlite3")
        # What the tests leave out for speed: that a commit is safe.
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        described["OPTIONS"] = {**described["OPTIONS"], "init_command": pragmas}
    return {**described, "NAME": name, "TEST": {"NAME": name}}


DATABASES = {
    "default": _database(DATABASE_NAME),
    "full": _database(f"{DATABASE_NAME}_full"),
}
DATABASE_ROUTERS = ["benchmarks.databases.Router"]
SECRET_KEY = "for benchmarks only"
ALLOWED_HOSTS = ["localhost", "testserver"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# `python -m benchmarks.start_up` takes the app away, to see what it costs.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    *([] if os.environ.get("WITHOUT_APP") else ["otp_passkeys"]),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "otp_passkeys.backends.PasskeyBackend",
]
ROOT_URLCONF = "benchmarks.urls"
LOGIN_URL = "otp_passkeys:sign-in"
LOGIN_REDIRECT_URL = "otp_passkeys:list"
OTP_PASSKEYS_NOTIFY = False  # a mail server is not what is measured
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
# A run is expected to log nothing.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
