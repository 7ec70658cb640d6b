"""The addresses of the test site, and those of the package that it comes from."""

from __future__ import annotations

from django.urls import include, path

from tests.urls import urlpatterns as ours

from .settings import SOURCE

OF_PACKAGES = {
    "django-otp-webauthn": "django_otp_webauthn.urls",
    "allauth": "allauth.urls",
    "django-passkeys": "passkeys.urls",
    "django-mfa2": "tests.imports.urls_mfa2",
}

urlpatterns = [*ours]
if SOURCE in OF_PACKAGES:
    urlpatterns.append(path("old/", include(OF_PACKAGES[SOURCE])))
