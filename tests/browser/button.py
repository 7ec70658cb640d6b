"""A page of the site's own with the passkey button, for visitors and for users who are signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

PAGE = "/button/"
SOURCE = """{% extends "base.html" %}{% load otp_passkeys %}
{% block content %}<input autocomplete="username webauthn">{% passkey_sign_in %}{% endblock %}"""


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(SOURCE).render({}, request))


def serve_button(settings: Any) -> None:
    """Let the example site have the page."""
    settings.ROOT_URLCONF = (path("button/", _page), path("", include("example.urls")))
