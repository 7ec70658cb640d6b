"""The example site for the pictures; in another language with the pages as the package brings them."""

import os

from example.settings import *  # noqa: F403

# On a busy machine the pictures take longer than a proof counts.
OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE = 24 * 60 * 60

if language := os.environ.get("EXAMPLE_LANGUAGE"):
    LANGUAGE_CODE = language
    TEMPLATES = [{**TEMPLATES[0], "DIRS": []}]  # noqa: F405
