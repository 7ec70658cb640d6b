"""The panel in a page that htmx swaps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Page, expect

from . import steps
from .chromium import VirtualAuthenticator

pytestmark = pytest.mark.browser
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"


def script(request: HttpRequest) -> HttpResponse:
    """Serve htmx."""
    return HttpResponse(HTMX.read_text(), content_type="text/javascript")


def shell(request: HttpRequest) -> HttpResponse:
    """Show a page that fetches the panel on a click, and its list alone on another."""
    url = "/settings/passkeys/"
    return HttpResponse(
        '<!doctype html><html lang="en"><title>Shell</title>'
        '<meta name="htmx-config" content=\'{"includeIndicatorStyles":false,"allowEval":false}\'>'
        '<script src="/htmx.js"></script><script type="module" src="/static/otp_passkeys/sync.js">'
        "</script>"
        f'<button hx-get="{url}" hx-select="otp-passkey-panel" hx-target="#here">Show</button>'
        f'<button hx-get="{url}" hx-select="[data-list]" hx-target="[data-list]"'
        ' hx-swap="outerHTML">Read</button><div id="here"></div>'
        + "".join(
            f'<script type="module" src="/static/otp_passkeys/{name}.js"></script>'
            for name in ("panel", "add", "delete")
        )
    )


@pytest.fixture
def shell_page(page: Page, virtual_authenticator: VirtualAuthenticator) -> Iterator[Page]:
    """Serve the page beside the example site, under its policy."""
    site = path("", include(settings.ROOT_URLCONF))
    addresses = (path("shell/", shell), path("htmx.js", script), site)
    with override_settings(ROOT_URLCONF=addresses):
        yield page


def test_panel_wakes_up(shell_page: Page, alice: User) -> None:
    """A panel that htmx inserts works by itself, and so does a list that it replaces (S4)."""
    steps.sign_in_with_password(shell_page, alice)
    shell_page.goto("/shell/")
    shell_page.get_by_role("button", name="Show").click()
    steps.add_passkey(shell_page)
    expect(steps.rows(shell_page)).to_have_count(1)
    steps.keep_name(shell_page)
    with shell_page.expect_response("**/settings/passkeys/"):
        shell_page.get_by_role("button", name="Read").click()
    expect(steps.rows(shell_page)).to_have_count(1)
    steps.rename(steps.rows(shell_page), "Desk")
    expect(steps.rows(shell_page)).to_contain_text("Desk")
