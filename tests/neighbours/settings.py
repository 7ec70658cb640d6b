"""The test site with another package beside this app: NEIGHBOUR in the environment says which.

Two of them override the same templates of the admin. The templates are those of the package's how-to page.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from tests.helpers_docs import DOCS, captioned
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
PAGES = {
    "allauth": "how-to/allauth",
    "wagtail": "how-to/wagtail",
    "unfold": "how-to/admin-themes",
    "jazzmin": "how-to/admin-themes",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "allauth": {
        "ACCOUNT_ADAPTER": "allauth_adapter.AccountAdapter",
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_RATE_LIMITS": False,
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
    },
    "wagtail": {
        "WAGTAIL_SITE_NAME": "Example",
        "WAGTAILADMIN_BASE_URL": "https://testserver",
    },
    "unfold": {},
    "jazzmin": {},
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
        {
            name.removeprefix("templates/"): code
            for name, code in captioned(PAGES[NEIGHBOUR], "html+django").items()
        },
    ),
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {**TEMPLATES[0], "APP_DIRS": False, "OPTIONS": {**TEMPLATES[0]["OPTIONS"], "loaders": LOADERS}}  # type: ignore[dict-item]
]
globals().update(SETTINGS[NEIGHBOUR])
