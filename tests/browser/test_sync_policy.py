"""The tag under a policy that takes scripts by nonce: where its script runs, and what a block costs."""

import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path, reverse
from playwright.sync_api import Page, expect

from otp_passkeys.sync import FLAG, request_user_details_sync

from . import steps
from .chromium import Complaints, until
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

HEAD = """
{% load static otp_passkeys cache %}<!doctype html><title>Own</title>
<link rel="icon" href="{% static "example/icon.svg" %}">
"""
TAG = "{% render_otp_webauthn_sync_signals_scripts %}"
PAGES = {
    "plain": HEAD + "<h1>Plain</h1>" + TAG,
    "cached": HEAD + "<h1>Cached</h1>{% cache 60 foot %}" + TAG + "{% endcache %}",
    "boosted": HEAD
    + """
<meta name="htmx-config" content='{"includeIndicatorStyles": false}'>
<script src="{% static "django_htmx/htmx-2.min.js" %}" nonce="{{ csp_nonce }}"></script>
<h1>Boosted</h1><a hx-boost="true" href="/due/plain/">On</a>"""
    + TAG,
}


def own(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page with a policy of its own."""
    nonce = secrets.token_urlsafe(9)
    template = engines["django"].from_string(PAGES[name])
    answer = HttpResponse(template.render({"csp_nonce": nonce}, request))
    also = "'self'" if request.COOKIES.get("also") == "self" else ""
    answer["Content-Security-Policy"] = f"default-src 'self'; script-src 'nonce-{nonce}' {also}"
    return answer


def due(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page where a sync is due."""
    request_user_details_sync(request)
    return own(request, name)


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the pages above to the example site, with htmx from the package that ships it."""
    folder = Path(str(find_spec("django_htmx").origin)).parent / "static"
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, folder]
    settings.ROOT_URLCONF = (
        path("own/<name>/", own, name="own"),
        path("due/<name>/", due, name="due"),
        path("", include("example.urls")),
    )
    cache.clear()


@pytest.fixture
def visit(page: Page, complaints: Complaints, alice: User) -> Page:
    """Begin a visit of alice with nothing due."""
    complaints.expect(r"sync\.js")
    steps.bring_session(page, alice, in_step=True)
    return page


def expect_blocked(page: Page, complaints: Complaints) -> None:
    """Expect that the policy refused the script and that the flag stands until another page."""
    blocked = r"script-src-elem blocked"
    until(page, lambda: any(blocked in one for one in complaints.errors), what="a refused script")
    settled(page)
    assert FLAG in session_of(page)
    page.goto(reverse("own", args=["plain"]))
    steps.expect_synced(page)


def session_of(page: Page) -> dict[str, Any]:
    """Read the session of the browser."""
    key = next(one["value"] for one in page.context.cookies() if one["name"] == "sessionid")
    return SessionStore(key).load()


def test_cached_nonce(visit: Page, complaints: Complaints) -> None:
    """A cached fragment keeps an old nonce: its script is refused, and nothing is lost (S0.10)."""
    visit.goto(reverse("due", args=["cached"]))
    steps.expect_synced(visit)
    assert not complaints.errors
    visit.goto(reverse("due", args=["cached"]))
    expect_blocked(visit, complaints)


def test_swap_under_a_nonce(visit: Page, complaints: Complaints) -> None:
    """The nonce of a page swapped in is not the document's: refused, and nothing is lost (S0.10)."""
    visit.goto(reverse("own", args=["boosted"]))
    visit.get_by_text("On").click()
    expect(visit.get_by_text("Plain")).to_be_visible()
    expect_blocked(visit, complaints)


def test_swap_where_own_scripts_are_allowed(visit: Page, complaints: Complaints) -> None:
    """With 'self' beside the nonce a page that is swapped in syncs (S0.10)."""
    visit.context.add_cookies(
        [{"name": "also", "value": "self", "domain": "localhost", "path": "/"}]
    )
    visit.goto(reverse("own", args=["boosted"]))
    visit.get_by_text("On").click()
    expect(visit.get_by_text("Plain")).to_be_visible()
    steps.expect_synced(visit)
    assert not complaints.errors
