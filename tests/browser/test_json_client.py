"""The client that the documentation shows runs as it stands there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Page

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).parents[2] / "docs" / "how-to" / "json-client.js"


def script(request: HttpRequest) -> HttpResponse:
    """Serve the file of the documentation."""
    return HttpResponse(SCRIPT.read_text(), content_type="text/javascript")


def bare(request: HttpRequest, more: str = "") -> HttpResponse:
    """Show a page with the token and the script, and nothing else of ours."""
    return HttpResponse(
        f'<!doctype html><html lang="en"><title>Client</title>'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
        f'<script src="/client.js" data-base="/settings/passkeys/"{more}></script>'
    )


@pytest.fixture
def client_page(page: Page, virtual_authenticator: VirtualAuthenticator) -> Iterator[Page]:
    """Serve the page beside the example site, under its policy."""
    addresses = [
        path("client/", bare),
        path("renamed/", bare, {"more": ' data-csrf-header="X-XSRF-TOKEN"'}),
        path("client.js", script),
        path("", include(settings.ROOT_URLCONF)),
    ]
    with override_settings(ROOT_URLCONF=tuple(addresses)):
        yield page


def test_client(client_page: Page, alice: User) -> None:
    """It lists, adds, renames, signs in and deletes (S4)."""
    steps.bring_session(client_page, alice).goto("/client/")
    assert client_page.evaluate("passkeys.list()") == []
    assert client_page.evaluate("passkeys.add('Desk')")["name"] == "Desk"
    renamed = "passkeys.list().then(([one]) => passkeys.rename(one, 'Phone'))"
    assert client_page.evaluate(renamed)["name"] == "Phone"
    client_page.context.clear_cookies()
    client_page.goto("/client/")
    assert client_page.evaluate("passkeys.signIn('/settings/')") == {"redirect_url": "/settings/"}
    client_page.goto("/client/")
    assert [one["current"] for one in client_page.evaluate("passkeys.list()")] == [True]
    client_page.evaluate("passkeys.list().then(([one]) => passkeys.remove(one))")
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("where", ["CSRF_USE_SESSIONS", "CSRF_COOKIE_HTTPONLY"])
def test_own_csrf_names(client_page: Page, alice: User, where: str) -> None:
    """S6.7: it sends the token in the header that the site names, wherever Django keeps it."""
    names = {"CSRF_HEADER_NAME": "HTTP_X_XSRF_TOKEN", "CSRF_COOKIE_NAME": "XSRF-TOKEN", where: True}
    with override_settings(**names):
        steps.bring_session(client_page, alice).goto("/renamed/")
        assert client_page.evaluate("passkeys.add('Desk')")["name"] == "Desk"
