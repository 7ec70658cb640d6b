"""A site that asks for a second factor: a view of its own, and its admin."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django_otp.admin import OTPAdminSite
from django_otp.decorators import otp_required

from .urls import urlpatterns as usual


class AdminSite(OTPAdminSite):
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        target = request.GET.get("next") or reverse("otpadmin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("otpadmin:index"))
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        page = "otp_passkeys:reauthenticate-second-factor"
        return redirect_to_login(target, login_url=reverse(page))


admin = AdminSite()
admin.register(User)


@otp_required
def vault(request: HttpRequest) -> HttpResponse:
    return HttpResponse("vault")


urlpatterns = [*usual, path("vault/", vault), path("secure-admin/", admin.urls)]
