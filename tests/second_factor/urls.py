"""A site that asks for a second factor, with what the how-to page has: a view of its own, and its admin."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django_otp.decorators import otp_required

from ..helpers.docs import code_block
from ..urls import urlpatterns as usual

example: dict[str, Any] = {"__name__": __name__}
exec(code_block("how-to/second-factor", "python", "class AdminSite"), example)
admin = example["AdminSite"]()
admin.register(User)


@otp_required
def vault(request: HttpRequest) -> HttpResponse:
    return HttpResponse("vault")


urlpatterns = [*usual, path("vault/", vault), path("secure-admin/", admin.urls)]
