"""The example site in another language, without templates of its own: the pages as the package brings them."""

import os

from example.settings import *  # noqa: F403

LANGUAGE_CODE = os.environ["EXAMPLE_LANGUAGE"]
TEMPLATES = [{**TEMPLATES[0], "DIRS": []}]  # noqa: F405
