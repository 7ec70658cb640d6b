"""Sphinx configuration."""

import os
import re
import zlib
from pathlib import Path

import django
from django.conf import settings
from docutils import nodes

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

extensions = ["sphinx.ext.autodoc", "sphinx.ext.intersphinx", "sphinx_copybutton"]
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
# Of two pictures one is hidden, and would leave an empty link.
html_scaled_image_link = False
html_theme_options = {}
# Where the sources are; once there is a public repository, it is set where the pages are built.
if repository := os.environ.get("DOCS_REPOSITORY"):
    html_theme_options |= {
        "source_repository": repository,
        "source_branch": "main",
        "source_directory": "docs/",
    }

# Of a console block the commands are copied, without the prompt and what they print.
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

DJANGO_DOCS = "https://docs.djangoproject.com/en/stable/"

nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!otp_passkeys).*")]  # types of Django and Python
nitpick_ignore = [("py:class", "otp_passkeys.reauthentication.protection.View")]  # a type variable

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
default_role = "literal"
python_use_unqualified_type_names = True


HERE = Path(__file__).parent
# Numbers of the project's own requirements, which the docstrings name for contributors.
REQUIREMENTS = re.compile(r" \([STPY]\d+(?:\.\d+)?(?:, [STPY]\d+(?:\.\d+)?)*\)")


def inventory_of_django(folder):
    """Write the inventory of Django's documentation, as far as it is linked to, and return its path."""
    lines = []
    for line in (HERE / "django.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name, page = line.split()
            anchor = "std-setting-$" if kind == "std:setting" else "$"
            lines.append(f"{name} {kind} 1 {page}#{anchor} -\n")
    path = Path(folder) / "django.inv"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "# Sphinx inventory version 2\n# Project: Django\n# Version: stable\n"
    head += "# The remainder of this file is compressed using zlib.\n"
    path.write_bytes(head.encode() + zlib.compress("".join(lines).encode()))
    return path


def find_django(app, config):
    """Tell intersphinx where Django's documentation is, before it looks."""
    config.intersphinx_mapping = {"django": (DJANGO_DOCS, str(inventory_of_django(app.doctreedir)))}


def leave_out_requirements(app, what, name, obj, options, lines):
    """Take the numbers of requirements out of what readers see."""
    lines[:] = [REQUIREMENTS.sub("", line) for line in lines]


def leave_out_of_code(app, doctree):
    """Take them out of the tests that the pages show as well."""
    for node in doctree.findall(nodes.literal_block):
        node.rawsource = REQUIREMENTS.sub("", node.rawsource)
        node[:] = [nodes.Text(REQUIREMENTS.sub("", node.astext()))]


def setup(app):
    """Let the pages name settings, checks and tags, so that others can link to them."""
    app.connect("config-inited", find_django, priority=1)
    app.connect("autodoc-process-docstring", leave_out_requirements)
    app.connect("doctree-read", leave_out_of_code)
    for name in ("setting", "check", "template-tag"):
        app.add_crossref_type(name, name)
