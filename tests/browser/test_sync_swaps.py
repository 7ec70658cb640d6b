"""The tag that comes in by a swap of the body or as a fragment, with real htmx and Turbo Drive."""

from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path, reverse
from playwright.sync_api import Page, expect

from otp_passkeys.sync import FLAG, SYNCED_AT, request_user_details_sync

from . import steps
from .chromium import Complaints, VirtualAuthenticator, until
from .firefox import Firefox
from .managers import sign_in_by_password
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# Each replaces the body when a link is followed or a form is sent, and loads no new document.
SCRIPTS = {
    "htmx 2": "django_htmx/htmx-2.min.js",
    "htmx 4": "django_htmx/htmx-4.min.js",
    "Turbo Drive": "turbo/js/turbo.min.js",
}
# How often this document has asked for what to signal, or reported.
ASKED = """
return performance.getEntriesByType("resource").filter((one) => one.name.endsWith("/sync/")).length;
"""
PAGE = """
{% extends "base.html" %}
{% load static %}
{% block extra_head %}
  <meta name="htmx-config" content='{"includeIndicatorStyles": false, "includeIndicatorCSS": false}'>
  <script src="{% static script %}" defer></script>
{% endblock %}
{% block content %}
  <h1>Page {{ number }} for {{ user.get_username }}</h1>
  <a hx-boost="true" href="/swapped/{{ other }}/">Other page</a>
  <form hx-boost="true" method="post" action="/swapped/{{ other }}/">
    {% csrf_token %}
    <button>Rename</button>
  </form>
  <button hx-get="/fragment/" hx-target="#place">Fetch</button>
  <button hx-get="/fragment/" hx-swap="none">Fetch for nothing</button>
  <div id="place"></div>
{% endblock %}
"""
FRAGMENT = """
{% load otp_passkeys %}<p>Fetched.</p>{% render_otp_webauthn_sync_signals_scripts %}
"""


def rename(request: HttpRequest) -> HttpResponse:
    """Change the user name, so that a sync is due."""
    assert isinstance(request.user, User)
    request.user.username += "+"
    request.user.save()
    request_user_details_sync(request)
    return HttpResponse()


def swapped(request: HttpRequest, number: int) -> HttpResponse:
    """Show a page of the site; rename the user first if that is what the form asks for."""
    if request.method == "POST":
        rename(request)
        return redirect("swapped", number=number)
    context = {"number": number, "other": 3 - number, "script": SCRIPTS[request.COOKIES["script"]]}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


def fragment(request: HttpRequest) -> HttpResponse:
    """Show a part of a page that has the tag."""
    return HttpResponse(engines["django"].from_string(FRAGMENT).render({}, request))


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the pages above to the example site, with the scripts of the packages that ship them."""
    folders = [
        Path(str(find_spec(name).origin)).parent / "static" for name in ("django_htmx", "turbo")
    ]
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, *folders]
    settings.ROOT_URLCONF = (
        path("swapped/<int:number>/", swapped, name="swapped"),
        path("fragment/", fragment, name="fragment"),
        path("rename/", rename, name="rename"),
        path("", include("example.urls")),
    )


class Visit:
    """Alice's visit: one document, in step, with nothing due; counts what its syncs ask."""

    def __init__(self, page: Page, authenticator: VirtualAuthenticator, alice: User) -> None:
        self.page, self.authenticator = page, authenticator
        self.asked: Counter[str] = Counter()
        page.on("request", lambda one: self._note(one.method, one.url))
        steps.bring_session(page, alice, in_step=True)

    def _note(self, method: str, url: str) -> None:
        if reverse("otp_passkeys:sync") in url:
            self.asked[method] += 1

    def open(self, script: str) -> None:
        """Open page 1, which uses one of the scripts, and mark its document."""
        cookie = {"name": "script", "value": script, "domain": "localhost", "path": "/"}
        self.page.context.add_cookies([cookie])  # type: ignore[list-item]
        self.page.goto(reverse("swapped", args=[1]))
        self.page.evaluate("window.same = true")
        self.page.wait_for_function("window.htmx || window.Turbo")
        self.asked.clear()

    def rename_elsewhere(self) -> None:
        """Change the user name in this session, but not by this document."""
        assert self.page.request.get(reverse("rename")).ok
        assert self.is_due()

    def is_due(self) -> bool:
        """Say whether a sync is due."""
        return FLAG in SessionStore(steps.session_key(self.page)).load()

    def press(self, name: str) -> None:
        """Press a button of the page that is open."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def expect_page(self, number: int) -> None:
        """Expect a page to have come in by a swap."""
        heading = self.page.get_by_role("heading", name=f"Page {number} for ")
        expect(heading).to_be_visible()
        assert self.page.evaluate("window.same")

    def expect_syncs(self, times: int) -> None:
        """Expect so many syncs so far, none under way, and the new name in the authenticator."""
        until(self.page, lambda: self.asked["POST"] >= times, what=f"sync {times}")
        settled(self.page)
        assert self.asked == Counter({"GET": times, "POST": times})
        names = {one.user_name for one in self.authenticator.credentials()}
        assert names == {User.objects.get().get_username()}
        assert not self.is_due()


@pytest.fixture
def visit(
    page: Page, virtual_authenticator: VirtualAuthenticator, complaints: Complaints, alice: User
) -> Visit:
    """Begin a visit of alice, who has a passkey in this browser."""
    # The style of Turbo's progress bar is refused by the site's policy; it is nothing of ours.
    complaints.expect(r"turbo\.min\.js|style-src-(attr|elem) blocked inline")
    visit = Visit(page, virtual_authenticator, alice)
    _, credential = steps.passkey_from_elsewhere(alice)
    virtual_authenticator.hold(credential)
    return visit


@pytest.mark.parametrize("script", SCRIPTS)
def test_body_swaps(visit: Visit, script: str) -> None:
    """Each body swap that brings the tag in makes one sync, the second visit too (S0.10)."""
    visit.open(script)
    for times, number in [(1, 2), (2, 1), (3, 2)]:
        visit.press("Rename")
        visit.expect_page(number)
        visit.expect_syncs(times)


@pytest.mark.parametrize("script", SCRIPTS)
def test_swaps_with_nothing_due(visit: Visit, script: str) -> None:
    """A swap without the tag, or back to a page that had it, asks for nothing (S0.3, S0.18)."""
    visit.open(script)
    visit.press("Rename")
    visit.expect_page(2)
    visit.expect_syncs(1)
    visit.page.get_by_role("link", name="Other page").click()
    visit.expect_page(1)
    settled(visit.page)  # Turbo shows what it has kept of the page before it has fetched it
    visit.page.go_back()
    expect(visit.page.get_by_role("heading", name="Page 2 for ")).to_be_visible()
    visit.expect_syncs(1)


@pytest.mark.parametrize("script", ["htmx 2", "htmx 4"])
def test_fragments(visit: Visit, script: str) -> None:
    """Each fragment with the tag makes one sync, also the first on a page that had none (S0.10)."""
    visit.open(script)
    for times in (1, 2):
        visit.rename_elsewhere()
        visit.press("Fetch")
        visit.expect_syncs(times)
        expect(visit.page.locator("#place")).to_have_text("Fetched.")
        expect(visit.page.locator("#place otp-passkey-sync")).to_have_count(0)
    visit.expect_page(1)


@pytest.mark.parametrize("script", ["htmx 2", "htmx 4"])
def test_fragment_that_is_dropped(visit: Visit, script: str) -> None:
    """A fragment that is fetched and not shown loses nothing: the next page syncs (S0.10, Y5)."""
    visit.open(script)
    visit.rename_elsewhere()
    with visit.page.expect_response("**" + reverse("fragment")) as response:
        visit.press("Fetch for nothing")
    assert "otp-passkey-sync" in response.value.text()
    settled(visit.page)
    assert visit.is_due()
    assert not visit.asked
    visit.page.goto("/")
    visit.expect_syncs(1)


@pytest.mark.firefox
def test_body_swaps_in_firefox(firefox: Firefox, alice: User) -> None:
    """Without the methods too, each swap that brings the tag in makes one sync (S0.10, S0.17)."""
    firefox.go(reverse("otp_passkeys:sign-in"))
    sign_in_by_password(firefox)
    firefox.until(
        lambda: SYNCED_AT in Session.objects.get().get_decoded(), what="the sync of the home page"
    )
    firefox.run("document.cookie = 'script=htmx 2; path=/'")
    firefox.go(reverse("swapped", args=[1]))
    for times in (1, 2):
        firefox.click("main form button")
        firefox.until(lambda n=2 * times: firefox.run(ASKED) >= n, what=f"sync {times}")  # type: ignore[misc]
    firefox.settle()
    assert firefox.run(ASKED) == 4
    assert FLAG not in Session.objects.get().get_decoded()
