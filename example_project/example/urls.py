"""The addresses of the example site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("otp_passkeys.well_known")),
    path("", include("accounts.urls")),
    path("settings/passkeys/", include("otp_passkeys.urls")),
    path("admin/", admin.site.urls),
]
