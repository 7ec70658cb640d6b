"""The addresses of the test site, and those of the package beside this app."""

from __future__ import annotations

import importlib
from typing import Any

from django.urls import include, path

from .settings import NEIGHBOUR

# Code of the pages that must be there before the addresses are; on a site, an app has it.
FIRST = {"unfold": "admin_themes_unfold", "wagtail": "wagtail_hooks"}
OF_PACKAGES = {"allauth": ("accounts/", "allauth.urls"), "wagtail": ("cms/", "wagtail.admin.urls")}

if NEIGHBOUR in FIRST:
    importlib.import_module(FIRST[NEIGHBOUR])
urlpatterns: list[Any] = [*importlib.import_module("tests.urls").urlpatterns]
if NEIGHBOUR in OF_PACKAGES:
    prefix, module = OF_PACKAGES[NEIGHBOUR]
    urlpatterns.append(path(prefix, include(module)))
