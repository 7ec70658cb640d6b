"""Settings of the test site in a process of its own, on the database of the tests.

``TEST_DATABASE_NAME`` says what that is called: the process that runs the tests has made it.
"""

import os

from ..settings import *  # noqa: F403
from ..settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
