"""The addresses of the site that is measured."""

from django.urls import include, path

urlpatterns = [path("passkeys/", include("otp_passkeys.urls"))]
