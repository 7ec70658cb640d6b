"""The addresses at the root of a site: ``path("", include("otp_passkeys.well_known"))``."""

from django.urls import path

from .views.well_known import passkey_endpoints, webauthn

app_name = "otp_passkeys_well_known"

urlpatterns = [
    path(".well-known/webauthn", webauthn, name="webauthn"),
    path(".well-known/passkey-endpoints", passkey_endpoints, name="passkey-endpoints"),
]
