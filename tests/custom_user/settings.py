"""The settings of the test site with another user model, which the environment names."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, INSTALLED_APPS

AUTH_USER_MODEL = f"custom_user.{os.environ['USER_MODEL']}"
INSTALLED_APPS = [
    *(name for name in INSTALLED_APPS if name != "django.contrib.admin"),  # it wants is_staff
    "tests.custom_user",
]
ROOT_URLCONF = "tests.custom_user.urls"
if "TEST" not in DATABASES["default"]:  # a server, where the other tests have a database as well
    DATABASES["default"]["NAME"] = "otp_passkeys_custom_user"
