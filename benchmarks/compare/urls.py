"""The addresses of the site: a page with the tag of a package and the same page without, and the package's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path

from .settings import COMPARED
from .sites import site

_OF_PACKAGES = {
    "floor": "benchmarks.floor.urls",
    "this app": "otp_passkeys.urls",
    "django-otp-webauthn": "django_otp_webauthn.urls",
    "django-passkeys": "passkeys.urls",
    "allauth": "allauth.urls",
}
_LIBRARIES = {"this app": "otp_passkeys", "django-otp-webauthn": "otp_webauthn"}
_PAGE = "<!doctype html><title>A page</title><p>It shows no user.</p>"
_package = COMPARED.partition("==")[0]


def page(source: str) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view of a template, which is compiled once."""
    template = engines["django"].from_string(source)
    return lambda request: HttpResponse(template.render({}, request))


def login(request: HttpRequest) -> HttpResponse:
    """Sign in with whatever the backends take, as django-passkeys has its sites do it."""
    user = auth.authenticate(request, username="", password="")
    if user is None:
        return HttpResponse(status=403)
    auth.login(request, user)
    return redirect("/plain/")


urlpatterns: list[Any] = [path("login/", login), path("plain/", page(_PAGE))]
if _package in _OF_PACKAGES:
    urlpatterns.append(path("passkeys/", include(_OF_PACKAGES[_package])))
if _package and site(COMPARED).has_tag:
    _tag = f"{{% load {_LIBRARIES[_package]} %}}{{% render_otp_webauthn_sync_signals_scripts %}}"
    urlpatterns.append(path("tagged/", page(_PAGE + _tag)))
