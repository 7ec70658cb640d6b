"""HTML that somebody put into a page, without a script: no element sends anything to their site, or goes there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path, reverse
from django.views.generic import RedirectView
from playwright.sync_api import Page, Route, expect

from ..helpers.live import LiveServer
from ..helpers.rows import stored_passkey
from . import steps
from .chromium import Complaints, VirtualAuthenticator
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

EVE = "https://eve.test"
REFUSED = f"otp-passkeys: nothing is sent to {EVE}"
# It keeps scripts out, as a site's own should, and leaves all else to the elements.
POLICY = "script-src 'self'"
PAGE = """{% load static %}<!doctype html><html lang="en"><head><title>Injected</title>
<link rel="icon" href="data:,">
{% for script in scripts %}<script type="module" src="{% static script %}"></script>{% endfor %}
{% if base %}<base href="{{ base }}/">{% endif %}
</head><body>
PART
</body></html>"""
# Of both elements, all that asks or leads somewhere.
PANEL_AND_BUTTON = """
<otp-passkey-sync url="{{ eve }}/sync/" now></otp-passkey-sync>
<otp-passkey-sign-in options-url="{{ eve }}/authenticate/options/" url="{{ eve }}/authenticate/">
  {% csrf_token %}
  <input autocomplete="username webauthn" aria-label="Name">
  <div data-ready hidden><button type="button">Use a passkey</button></div>
  <p role="status" id="button"></p>
  <template data-message="Error">Not signed in.</template>
</otp-passkey-sign-in>
<otp-passkey-sign-in options-url="{{ options_url }}">
  {% csrf_token %}
  <div data-ready hidden><a href="{{ eve }}/account/" data-account="x">Use alice's passkey</a></div>
  <p role="status" id="link"></p>
  <template data-message="Error">Not signed in.</template>
</otp-passkey-sign-in>
<otp-passkey-panel list-url="{{ eve }}/list/" sync-url="{{ eve }}/sync/">
  {% csrf_token %}
  <p role="status"></p>
  <otp-passkey-add options-url="{{ eve }}/register/options/" register-url="{{ eve }}/register/">
    <button type="button" disabled>Add a passkey</button>
  </otp-passkey-add>
  <div data-list>
    <div data-id="x" data-name="Old"><button formaction="{{ eve }}/rename/" data-rename>Rename</button></div>
    <div data-id="y" id="y"><button formaction="{{ eve }}/delete/" data-delete>Delete</button></div>
  </div>
  <button data-refresh>Refresh</button>
  <template data-form>
    <form data-naming><input name="nickname" aria-label="Nickname">
      <button type="submit">Save</button><p role="alert"></p></form>
  </template>
  <template data-message="Error">Not done.</template>
  <template data-message="unreadable">Not read.</template>
  <otp-passkey-delete><dialog></dialog></otp-passkey-delete>
</otp-passkey-panel>
"""
# Where a panel or a button is, nothing is offered.
OFFER = """
<otp-passkey-offer options-url="{{ eve }}/register/options/" register-url="{{ eve }}/register/"
  since="1" upgrade hidden>
  {% csrf_token %}<p></p><template data-message="offered">Add a passkey.</template>
</otp-passkey-offer>
"""
# Each is left open, so that the form which follows is in it; neither waits for a click.
OPEN_BUTTON = """
<otp-passkey-sign-in options-url="/danger/"><p data-ready></p><p role="status"></p>
<input autocomplete="webauthn" aria-label="Name">
<form method="post">{% csrf_token %}<button>The site's own</button></form>
"""
OPEN_OFFER = """
<otp-passkey-offer options-url="/danger/" since="1" upgrade><p></p>
<form method="post">{% csrf_token %}<button>The site's own</button></form>
"""
# A form in a form is dropped, so that the token of the site's is a child of the element.
OPEN_FORM = "<form>" + OPEN_BUTTON
OPEN_FORM_WITH_OFFER = "<form>" + OPEN_OFFER
# Of two attributes of one name the first counts: the app's own element becomes eve's.
OPEN_ATTRIBUTE = """
<input autocomplete="webauthn" aria-label="Name">
<otp-passkey-sign-in options-url="/danger/?/authenticate/options/" x="
<otp-passkey-sign-in class="here" options-url="/passkeys/authenticate/options/">
  {% csrf_token %}<p data-ready></p><p role="status"></p><button>The site's own</button>
</otp-passkey-sign-in>
"""
PARTS = {
    "panel and button": PANEL_AND_BUTTON,
    "offer": OFFER,
    "open button": OPEN_BUTTON,
    "open offer": OPEN_OFFER,
    "open form": OPEN_FORM,
    "open form with offer": OPEN_FORM_WITH_OFFER,
    "open attribute": OPEN_ATTRIBUTE,
}
SCRIPTS = [
    f"otp_passkeys/{name}.js"
    for name in ("panel", "add", "delete", "sign-in", "offer", "sync", "ceremony")
]


def injected(request: HttpRequest, part: str, base: bool) -> HttpResponse:
    """Show a page with elements whose addresses are eve's, by a ``<base>`` or by what each names."""
    template = engines["django"].from_string(PAGE.replace("PART", PARTS[part]))
    context = {
        "scripts": SCRIPTS,
        "base": EVE if base else "",
        "eve": "" if base else EVE,
        # The site's own: it knows of no passkey, and then the element follows its link.
        "options_url": request.build_absolute_uri(reverse("otp_passkeys:authenticate-options")),
    }
    return HttpResponse(
        template.render(context, request), headers={"Content-Security-Policy": POLICY}
    )


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the pages to the example site."""
    settings.ROOT_URLCONF = (
        *(
            path(f"{part}/{how}/", injected, {"part": part, "base": how == "base"})
            for part in PARTS
            for how in ("base", "attributes")
        ),
        path("danger/", danger),
        path("moved/", RedirectView.as_view(url="/evil/")),
        path("evil/", evil),
        path("", include("example.urls")),
    )


@pytest.fixture
def asked(page: Page, complaints: Complaints) -> list[str]:
    """Have eve's site answer whatever it is asked, and return what that was."""
    asked: list[str] = []
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}

    def answer(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url}")
        route.fulfill(status=200, json={}, headers=cors)

    page.context.route(f"{EVE}/**", answer)
    complaints.expect(REFUSED)
    return asked


@pytest.mark.parametrize("how", ["attributes", "base"])
def test_panel_and_button(page: Page, asked: list[str], complaints: Complaints, how: str) -> None:
    """Y14: nothing is sent to another site, nor gone there; who presses a button is told that it failed."""
    page.goto(f"/panel and button/{how}/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#button")).to_have_text("Not signed in.")
    page.get_by_role("link", name="Use alice's passkey").click()
    expect(page.locator("#link")).to_have_text("Not signed in.")
    told = page.locator("otp-passkey-panel > [role=status]")
    page.get_by_role("button", name="Add a passkey").click()
    expect(told).to_have_text("Not done.")
    page.get_by_role("button", name="Refresh").click()
    expect(told).to_have_text("Not read.")
    page.get_by_role("button", name="Delete").click()
    expect(told).to_have_text("Not done.")
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Nickname").fill("New")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text("Not done.")
    settled(page)
    assert asked == []
    assert page.url.endswith(f"/{how}/")


@pytest.mark.parametrize("how", ["attributes", "base"])
def test_offer(page: Page, asked: list[str], complaints: Complaints, how: str) -> None:
    """Y14: the passkey that the browser would add by itself is not asked for elsewhere; the offer stays one."""
    page.goto(f"/offer/{how}/")
    expect(page.get_by_text("Add a passkey.")).to_be_visible()
    settled(page)
    assert asked == []
    assert any(REFUSED in one for one in complaints.console)


def danger(request: HttpRequest) -> HttpResponse:
    """Do what a token allows."""
    return HttpResponse(status=204)


@pytest.mark.parametrize("part", [part for part in PARTS if part.startswith("open")])
@pytest.mark.complaint("otp-passkeys: nothing is sent to .*/danger/")
def test_token_of_another_form(page: Page, part: str) -> None:
    """Y15: an element that takes in a form of the site, or the app's own element, sends their token nowhere."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(f"/{part}/attributes/")
    expect(page.get_by_role("button", name="The site's own")).to_be_visible()
    settled(page)
    assert not [one for one in sent if one.startswith("POST")]


def evil(request: HttpRequest) -> HttpResponse:
    """Show what would be taken for a list of the panel."""
    return HttpResponse("<otp-passkey-panel><div data-list>Eve's</div></otp-passkey-panel>")


def test_list_by_a_redirect(page: Page, alice: User) -> None:
    """Y14: what a redirect of the site's own leads to is no list of the panel."""
    stored_passkey(alice, rp_id="localhost")
    steps.open_panel(steps.bring_session(page, alice))
    page.locator("otp-passkey-panel").evaluate(
        "(panel) => panel.setAttribute('list-url', '/moved/')"
    )
    page.get_by_role("button", name="Refresh the list").click()
    expect(page.get_by_role("status")).to_have_text(
        "The list could not be read. Reload the page to see it."
    )
    expect(page.get_by_text("Eve's")).to_have_count(0)


@pytest.mark.complaint("status of 401")
def test_sign_in_page_on_another_site(
    page: Page, alice: User, live_server: LiveServer, settings: Any
) -> None:
    """S4: signed out meanwhile, the user who deletes is led to sign in there; no script asks that site."""
    elsewhere = live_server.url.replace("localhost", "127.0.0.1")  # another origin
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
    settings.LOGIN_URL = elsewhere + reverse("otp_passkeys:sign-in")
    steps.passkey_from_elsewhere(alice)
    steps.open_panel(steps.bring_session(page, alice))
    settled(page)
    page.context.clear_cookies()
    page.get_by_role("button", name="Delete Unknown").click()
    page.wait_for_url(f"{settings.LOGIN_URL}?next=**")


SCRIPT = "javascript:document.title='gone'"
ANSWERS = {
    "authenticate": (200, {"redirect_url": SCRIPT}),
    "register-options": (403, {"detail": "Confirm first.", "reauthenticate_url": SCRIPT}),
}


def answering(status: int, answer: dict[str, str]) -> Callable[[Route], None]:
    """Return what answers a request in place of the site."""
    return lambda route: route.fulfill(status=status, json=answer)


@pytest.fixture
def script_in_answers(page: Page, complaints: Complaints) -> None:
    """Have the site's own addresses answer with a script as the page to go to."""
    for name, answer in ANSWERS.items():
        page.route("**" + reverse(f"otp_passkeys:{name}"), answering(*answer))
    complaints.expect("status of 403|otp-passkeys: ")


@pytest.mark.usefixtures("script_in_answers")
def test_script_as_the_page_after_a_sign_in(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """T17: an answer that leads to a script leads nowhere."""
    steps.give_passkey(alice, virtual_authenticator)
    page.goto(steps.any_account())
    expect(page.get_by_text("Something went wrong.")).to_be_visible()
    expect(page).to_have_title("Sign in · Example site")


@pytest.mark.usefixtures("script_in_answers")
def test_script_as_the_page_that_asks_who_it_is(page: Page, alice: User) -> None:
    """T17: where the panel leads is a page of the site, whatever the answer says."""
    steps.open_panel(steps.bring_session(page, alice))
    steps.add_passkey(page)
    expect(page.get_by_text("Confirm first.")).to_be_visible()
    expect(page).to_have_title("Passkeys · Example site")
