"""The sync tag on pages with a Content-Security-Policy that takes scripts with a nonce only."""

import re
from collections.abc import Callable
from typing import Any

import django
import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from ..helpers.steps import SignedIn
from ..helpers.sync import settle

NONCE = re.compile(r"'nonce-([^']+)'")


def own_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Send a policy of the site's own making, with a nonce if a template used it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        used: list[str] = []

        def use() -> str:
            used.append(f"'nonce-{id(request)}'")
            return str(id(request))

        request.META["own_nonce"] = SimpleLazyObject(use)
        response = get_response(request)
        response["Content-Security-Policy"] = " ".join(["script-src", "'self'", *used])
        return response

    return middleware


def own_nonce(request: HttpRequest) -> dict[str, Any]:
    """Offer the nonce of that policy to templates."""
    return {"csp_nonce": request.META["own_nonce"]}


def add_middleware(settings: Any, path: str) -> None:
    """Add a middleware to the site."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, path]


def add_processors(settings: Any, paths: list[str]) -> None:
    """Add context processors to the site."""
    [engine] = settings.TEMPLATES
    known = engine["OPTIONS"]["context_processors"]
    settings.TEMPLATES = [engine | {"OPTIONS": {"context_processors": [*known, *paths]}}]


def check_nonce(client: Client) -> None:
    """Compare the nonce of the script with that of the header; where nothing is due, none is used."""
    answer = client.get(reverse("tagged"))
    [nonce] = NONCE.findall(answer["Content-Security-Policy"])
    assert f'sync.js" nonce="{nonce}"></script>' in answer.content.decode()
    settle(client)
    answer = client.get(reverse("tagged"))
    assert NONCE.findall(answer["Content-Security-Policy"]) == []


@pytest.mark.skipif(django.VERSION < (6, 0), reason="Django 5.2 has no policy of its own")
@pytest.mark.parametrize("processors", [[], ["django.template.context_processors.csp"]])
def test_nonce_of_django(
    alice: User, signed_in: SignedIn, settings: Any, processors: list[str]
) -> None:
    """S0.21: the module has the nonce that Django's middleware writes into the header."""
    add_middleware(settings, "django.middleware.csp.ContentSecurityPolicyMiddleware")
    add_processors(settings, processors)
    settings.SECURE_CSP = {"script-src": ["'self'", "<CSP_NONCE_SENTINEL>"]}
    check_nonce(signed_in(alice))


def test_nonce_of_django_csp(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S0.21: the module has the nonce that django-csp writes into the header."""
    constants = pytest.importorskip("csp.constants")
    add_middleware(settings, "csp.middleware.CSPMiddleware")
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {"script-src": [constants.SELF, constants.NONCE]}
    }
    check_nonce(signed_in(alice))


def test_nonce_of_the_site(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S0.21: the module has the nonce of a site's own middleware that only its templates know."""
    add_middleware(settings, f"{__name__}.own_policy")
    add_processors(settings, [f"{__name__}.own_nonce"])
    check_nonce(signed_in(alice))
