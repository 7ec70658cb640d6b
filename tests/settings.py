"""Settings of the test site.

The environment chooses what it runs on:

``DATABASE``
    ``sqlite`` (default), ``postgresql`` or ``mariadb``.
``DATABASE_HOST``, ``DATABASE_PORT``, ``DATABASE_USER``, ``DATABASE_PASSWORD``
    Where the server is; by default this machine, as the server's own superuser without password.
``DATABASE_NAME``
    What the database there is called, by default ``otp_passkeys``; the tests' own has ``test_`` before it. Two runs
    at once need two names.
``SESSION_ENGINE``
    The dotted name of a session engine, by default the database's.
``REDIS_URL``
    The Redis of the cache, by default none: the cache is in memory. Each worker of pytest-xdist takes the database
    of that number, counted from the one in the URL.
"""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DATABASE = os.environ.get("DATABASE", "sqlite")


def _server(engine: str, *, user: str, options: dict[str, Any]) -> dict[str, Any]:
    """Describe a database on a server."""
    return {
        "ENGINE": f"django.db.backends.{engine}",
        "NAME": os.environ.get("DATABASE_NAME", "otp_passkeys"),
        "HOST": os.environ.get("DATABASE_HOST", "127.0.0.1"),
        "PORT": os.environ.get("DATABASE_PORT", ""),
        "USER": os.environ.get("DATABASE_USER", user),
        "PASSWORD": os.environ.get("DATABASE_PASSWORD", ""),
        "OPTIONS": options,
    }


def _database() -> dict[str, Any]:
    """Describe the database that the environment names."""
    if DATABASE == "sqlite":
        # A file, because all threads share one connection to a database in memory; named by
        # process, so that two runs do not meet in it. IMMEDIATE, because a transaction that turns
        # from reading to writing cannot wait for the lock.
        name = str(Path(tempfile.gettempdir()) / f"otp_passkeys_{os.getpid()}.sqlite3")
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": ":memory:",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": pragmas,
            },
            "TEST": {"NAME": name},
        }
    if DATABASE == "postgresql":
        return _server("postgresql", user="postgres", options={})
    if DATABASE == "mariadb":
        import pymysql

        pymysql.install_as_MySQLdb()
        return _server("mysql", user="root", options={"charset": "utf8mb4"})
    raise ValueError(f"DATABASE is sqlite, postgresql or mariadb, not {DATABASE!r}.")


def _of_this_worker(url: str) -> str:
    """Return the Redis that one worker has for itself: to clear a cache empties the database that it is in."""
    parts = urlsplit(url)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + worker}").geturl()


def _cache() -> dict[str, Any]:
    """Describe the cache that the environment names."""
    if url := os.environ.get("REDIS_URL"):
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": _of_this_worker(url),
            "KEY_PREFIX": "otp_passkeys_tests",
        }
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


SECRET_KEY = "for tests only"
ALLOWED_HOSTS = ["testserver", "localhost", "example.com", ".example.com"]
USE_TZ = True
TIME_ZONE = "UTC"
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": _cache()}
SESSION_ENGINE = os.environ.get("SESSION_ENGINE", "django.contrib.sessions.backends.db")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nothing is secret

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "rest_framework.authtoken",
    "axes",
    "otp_passkeys",
    "tests.emptying",
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
ROOT_URLCONF = "tests.urls"
LOGIN_URL = "otp_passkeys:sign-in"
LOGIN_REDIRECT_URL = "plain"
LOGOUT_REDIRECT_URL = "plain"
# Mails stay in memory. Django 6.1 asks for this setting; before it, the test runner sets another.
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
# django-axes listens to sign-ins from when it is installed, so it is, and sleeps but for its own tests.
AXES_ENABLED = False
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
# The views of the documentation for clients without cookies take each kind of token, and a session.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
}
SIMPLE_JWT = {"SIGNING_KEY": "for tests only, and of 32 bytes at least"}
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
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
