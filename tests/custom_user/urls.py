"""The addresses of the test site that these tests need, and no admin."""

from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("", TemplateView.as_view(template_name="plain.html"), name="plain"),
    path("passkeys/", include("otp_passkeys.urls")),
]
