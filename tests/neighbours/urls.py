"""The addresses of the test site, and those of the package beside this app."""

from __future__ import annotations

import importlib

from django.urls import include, path

from tests.urls import urlpatterns as ours

from .settings import NEIGHBOUR

urlpatterns = [*ours]
if NEIGHBOUR == "allauth":
    urlpatterns.append(path("accounts/", include("allauth.urls")))
if NEIGHBOUR == "wagtail":
    importlib.import_module("wagtail_hooks")  # of the page; Wagtail itself looks into the apps
    urlpatterns.append(path("cms/", include("wagtail.admin.urls")))
