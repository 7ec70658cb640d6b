"""The pages in other surroundings, looked at by axe-core; and that it does find what is wrong."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.test import override_settings
from django.urls import include, path, reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .accessibility import COLOUR_RULES, examine, misfits, resized, violations
from .steps_accounts import remember
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# A settings page and a sign-in page of a site's own, with the parts of the app in them.
SETTINGS = """{% extends "base.html" %}{% load otp_passkeys %}
{% block content %}<h1>Settings</h1>{% passkey_panel %}{% endblock %}"""
SIGN_IN = """{% extends "base.html" %}{% load otp_passkeys %}{% block content %}<h1>Sign in</h1>
<form><label>E-mail <input autocomplete="username webauthn"></label>{% passkey_sign_in %}</form>
{% endblock %}"""


def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the panel among other settings."""
    return HttpResponse(Template(SETTINGS).render(RequestContext(request)))


def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Show the passkey button in a form of the site."""
    return HttpResponse(Template(SIGN_IN).render(RequestContext(request)))


@pytest.fixture
def own_pages() -> Iterator[None]:
    """Serve the site's own pages beside the others."""
    site = path("", include(settings.ROOT_URLCONF))
    own = (path("own/settings/", settings_page), path("own/sign-in/", sign_in_page), site)
    with override_settings(ROOT_URLCONF=own):
        yield


@pytest.fixture
def two(alice: User) -> list[Passkey]:
    """Give alice two passkeys."""
    return [steps.passkey_from_elsewhere(alice, aaguid=GOOGLE)[0] for _ in range(2)]


def open_each(page: Page, user: User, passkey: Passkey) -> Iterator[Page]:
    """Open some pages of each kind one after the other, those for visitors first."""
    remember(page, user).goto(reverse("otp_passkeys:sign-in"))
    yield page
    page.goto(steps.any_account())
    yield page
    steps.open_panel(steps.bring_session(page, user))
    yield page
    steps.ask_to_delete(steps.rows(page).first)
    expect(page.get_by_role("dialog")).to_be_visible()
    yield page
    for address in (
        reverse("otp_passkeys:rename", args=[passkey.pk]),
        reverse("otp_passkeys:reauthenticate") + "?way=password",
    ):
        page.goto(address)
        yield page


def templates_without_the_sites() -> list[object]:
    """Return the setting that leaves the app its own frame."""
    [engine] = settings.TEMPLATES
    return [{**engine, "DIRS": []}]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_own_frame(page: Page, alice: User, two: list[Passkey], language: str) -> None:
    """In the app's own frame, at full width, and in a narrow window with high contrast; from right to left too."""
    direction = {"en": "ltr", "ar": "rtl"}[language]
    with override_settings(TEMPLATES=templates_without_the_sites(), LANGUAGE_CODE=language):
        for shown in open_each(page, alice, two[0]):
            expect(shown.locator("html")).to_have_attribute("dir", direction)
            examine(shown)
            with resized(shown, 320, 640):
                assert violations(shown, forced="active") == []


@pytest.mark.usefixtures("own_pages")
def test_in_a_page_of_the_site(page: Page, alice: User, two: list[Passkey]) -> None:
    """The parts of the app keep to the outline of headings and to the regions of the page around them."""
    page.goto("/own/sign-in/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    assert violations(page) == []
    steps.bring_session(page, alice).goto("/own/settings/")
    expect(steps.rows(page)).to_have_count(2)
    examine(page)


BROKEN = {
    "label": "document.querySelector('label[for=id_username]').remove()",
    "color-contrast": "document.querySelector('label').style.color = 'var(--paper)'",
    "button-name": "document.querySelector('main button').textContent = ''",
    "aria-valid-attr-value": "document.querySelector('main h1').ariaLive = 'perhaps'",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_finds_what_is_wrong(page: Page, rule: str, transactional_db: None) -> None:
    """A page that was good is not when this is done to it, and a rule about colours says so in both schemes."""
    page.goto(steps.any_account())
    assert violations(page) == []
    page.evaluate(BROKEN[rule])
    schemes = ["dark", "light"] if rule in COLOUR_RULES else ["dark"]
    assert [one[:2] for one in violations(page)] == [[scheme, rule] for scheme in schemes]


SPOILT = {
    "too small": ("button", "min-block-size: 20px; padding: 0", " x 2"),
    "too wide": ("h1", "min-inline-size: 400px", "px wide"),
    "moving": ("button", "transition: opacity 1s", "moves"),
    "cut off": ("button", "block-size: 44px; overflow: hidden; line-height: 60px", "<button"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_measures_what_is_wrong(page: Page, how: str, transactional_db: None) -> None:
    """What is too small, too wide, moving or cut off is found."""
    which, style, words = SPOILT[how]
    page.goto(steps.any_account())
    page.locator(f"main {which}").first.evaluate(
        "(it, style) => { it.style.cssText = style }", style
    )
    assert any(words in one for one in misfits(page))
