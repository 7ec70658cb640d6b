"""The two addresses of django-mfa2 that register a key; its own list needs a site with many more settings."""

from __future__ import annotations

from django.urls import path
from mfa import FIDO2

urlpatterns = [
    path("begin/", FIDO2.begin_registeration, name="mfa2-begin"),
    path("complete/", FIDO2.complete_reg, name="mfa2-complete"),
]
