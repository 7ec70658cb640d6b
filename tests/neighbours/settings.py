"""The test site with another package beside this app: NEIGHBOUR in the environment says which.

Two of them override the same templates of the admin. The templates are those of the package's how-to page.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from tests.helpers.docs import DOCS, captioned, code_block
from tests.settings import *  # noqa: F403
from tests.settings import AUTHENTICATION_BACKENDS, DATABASES, INSTALLED_APPS, MIDDLEWARE, TEMPLATES

NEIGHBOUR = os.environ["NEIGHBOUR"]

# What a site adds for each package.
APPS = {
    "allauth": ["allauth", "allauth.account"],
    "wagtail": [
        "wagtail.users",
        "wagtail.images",
        "wagtail.documents",
        "wagtail.admin",
        "wagtail",
        "modelcluster",
        "taggit",
    ],
    "unfold": ["unfold"],
    "jazzmin": ["jazzmin"],
}
EXAMPLE = DOCS.parent / "example_project" / "templates"
# The templates of the pages. Those of a theme are the admin's.
TEMPLATES_OF = {
    "allauth": captioned("how-to/allauth", "html+django"),
    "wagtail": captioned("how-to/wagtail", "html+django"),
    "unfold": {"admin/login.html": (EXAMPLE / "admin/login.html").read_text("utf-8")},
}
TEMPLATES_OF["jazzmin"] = TEMPLATES_OF["unfold"]


def run(page: str, having: str) -> dict[str, Any]:
    """Return the settings that the code of a page makes, which has these words."""
    made: dict[str, Any] = {}
    exec(code_block(page, "python", having), made)
    return {name: value for name, value in made.items() if name.isupper()}


SETTINGS: dict[str, dict[str, Any]] = {
    "allauth": {
        "ACCOUNT_ADAPTER": "allauth_adapter.AccountAdapter",
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_RATE_LIMITS": False,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    },
    "wagtail": {
        "WAGTAIL_GRAVATAR_PROVIDER_URL": None,
        "WAGTAIL_SITE_NAME": "Example",
        "WAGTAILADMIN_BASE_URL": "https://testserver",
    },
    "unfold": run("how-to/admin-themes", "UNFOLD ="),
    "jazzmin": run("how-to/admin-themes", "JAZZMIN_SETTINGS ="),
}
MORE_MIDDLEWARE = {"allauth": ["allauth.account.middleware.AccountMiddleware"]}
MORE_BACKENDS = {"allauth": ["allauth.account.auth_backends.AuthenticationBackend"]}

sys.path.insert(0, str(DOCS / "how-to"))  # the code of the pages
DATABASES["default"].setdefault("TEST", {"NAME": "test_otp_passkeys_neighbours"})
INSTALLED_APPS = [*APPS[NEIGHBOUR], *INSTALLED_APPS]
MIDDLEWARE = [*MIDDLEWARE, *MORE_MIDDLEWARE.get(NEIGHBOUR, [])]
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, *MORE_BACKENDS.get(NEIGHBOUR, [])]
ROOT_URLCONF = "tests.neighbours.urls"
LOADERS = [
    (
        "django.template.loaders.locmem.Loader",
        {name.removeprefix("templates/"): code for name, code in TEMPLATES_OF[NEIGHBOUR].items()},
    ),
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {**TEMPLATES[0], "APP_DIRS": False, "OPTIONS": {**TEMPLATES[0]["OPTIONS"], "loaders": LOADERS}}  # type: ignore[dict-item]
]
STATICFILES_DIRS = [("css", DOCS / "how-to")]
globals().update(SETTINGS[NEIGHBOUR])
if NEIGHBOUR == "jazzmin":
    JAZZMIN_SETTINGS = {**SETTINGS["jazzmin"]["JAZZMIN_SETTINGS"], "use_google_fonts_cdn": False}
