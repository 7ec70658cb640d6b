"""The addresses of the test site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("", TemplateView.as_view(template_name="plain.html"), name="plain"),
    path("tagged/", TemplateView.as_view(template_name="tagged.html"), name="tagged"),
    path(
        "tagged-by-other-name/",
        TemplateView.as_view(template_name="tagged_by_other_name.html"),
        name="tagged-by-other-name",
    ),
    path("embedded/", TemplateView.as_view(template_name="embedded.html"), name="embedded"),
    path("passkeys/", include("otp_passkeys.urls")),
    path("admin/", admin.site.urls),
]
