"""Sphinx configuration."""

import django
from django.conf import settings

from otp_passkeys import __version__

# The reference is read from the docstrings, and importing models needs a configured Django.
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django_otp",
        "otp_passkeys",
    ],
    USE_TZ=True,
)
django.setup()

project = "django-otp-passkeys"
author = "the django-otp-passkeys contributors"
copyright = author  # noqa: A001
release = version = __version__
language = "en"

extensions = ["sphinx.ext.autodoc"]
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
# Of two pictures one is hidden, and would leave an empty link.
html_scaled_image_link = False

nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!otp_passkeys).*")]  # types of Django and Python

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
default_role = "literal"
python_use_unqualified_type_names = True


def setup(app):
    """Let the pages name settings, checks and tags, so that others can link to them."""
    for name in ("setting", "check", "template-tag"):
        app.add_crossref_type(name, name)
