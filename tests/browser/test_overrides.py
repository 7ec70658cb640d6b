"""What a site replaces, with the lines of the documentation, in a browser and under the site's policy."""

import copy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.docs import captioned, code_block
from . import steps
from .chromium import VirtualAuthenticator

pytestmark = [pytest.mark.browser, pytest.mark.extended]
PAGE = "how-to/templates"
LINES = code_block(PAGE, "css", ":root")
TWO = ":root { --otp-passkeys-accent: light-dark(#7a1fa2, #e1b3ff); }"
FRAME = (
    '{% extends "base.html" %}{% block extra_head %}<link rel="stylesheet" href="/theme.css">'
    "{% endblock %}"
)
LOOKS = """(element) => {
  const { backgroundColor, borderTopLeftRadius, color, fontFamily } = getComputedStyle(element);
  return [backgroundColor, color, borderTopLeftRadius, fontFamily];
}"""
PURPLE, LILAC, WHITE = "rgb(122, 31, 162)", "rgb(225, 179, 255)", "rgb(255, 255, 255)"


def theme(request: HttpRequest) -> HttpResponse:
    """Serve the site's own stylesheet."""
    return HttpResponse(request.COOKIES.get("theme", "").replace("+", ";"), content_type="text/css")


@pytest.fixture
def folder(example_site: None, settings: Any, tmp_path: Path) -> Path:
    """Give the example site a folder of templates before its own, and a stylesheet."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    site = path("", include(django_settings.ROOT_URLCONF))
    settings.ROOT_URLCONF = (path("theme.css", theme), site)
    (tmp_path / "otp_passkeys" / "includes").mkdir(parents=True)
    (tmp_path / "otp_passkeys" / "base.html").write_text(FRAME)
    return tmp_path


@pytest.fixture(autouse=True)
def still(page: Page) -> None:
    """Let no colour be on its way to another while it is read."""
    page.emulate_media(reduced_motion="reduce")


def put_on(page: Page, css: str, site: str) -> None:
    """Put these lines into the site's stylesheet."""
    line = " ".join(css.split()).replace(";", "+")  # a cookie takes no semicolon
    page.context.add_cookies([{"name": "theme", "value": line, "url": site}])


def button_of(page: Page, name: str) -> list[str]:
    """Return how a button looks."""
    looks: list[str] = page.get_by_role("button", name=name, exact=True).evaluate(LOOKS)
    return looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours(page: Page, folder: Path, alice: User, live_server: Any, scheme: str) -> None:
    """Five lines of custom properties colour the panel and the sign-in page, in both schemes."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(steps.any_account())
    before = button_of(page, "Sign in")
    assert before[0] != PURPLE
    put_on(page, LINES, live_server.url)
    page.goto(steps.any_account())
    assert button_of(page, "Sign in")[:2] == [PURPLE, WHITE]
    assert page.locator(".otp-passkeys-card").first.evaluate(LOOKS)[2] == "4px"
    steps.fill_in_password(page, alice)
    steps.expect_signed_in(page, alice)
    steps.open_panel(page)
    looks = button_of(page, "Add a passkey")
    assert looks[:2] == [PURPLE, WHITE]
    assert looks[3] == "Georgia, serif"
    assert page.locator(".otp-passkeys-card").evaluate(LOOKS)[2] == "4px"


def test_two_colours(page: Page, folder: Path, live_server: Any) -> None:
    """`light-dark()` gives a colour for each scheme."""
    page.goto("/")
    put_on(page, TWO, live_server.url)
    for scheme, colour in [("light", PURPLE), ("dark", LILAC)]:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(steps.any_account())
        assert button_of(page, "Sign in")[0] == colour


def test_templates(
    page: Page, folder: Path, alice: User, virtual_authenticator: VirtualAuthenticator
) -> None:
    """With the row, the button and the page of the documentation, all that the panel does is done."""
    for name, source in captioned(PAGE, "html+django").items():
        (folder / name.removeprefix("templates/")).write_text(source)
    steps.open_panel(steps.bring_session(page, alice))
    expect(page.get_by_text("We help.")).to_be_visible()
    page.get_by_role("button", name="New passkey").click()
    expect(steps.rows(page)).to_have_count(1)
    assert virtual_authenticator.ids() == {alice.passkeys.get().id_base64url}
    steps.rename(steps.rows(page), "Desk")
    expect(steps.rows(page)).to_contain_text("Desk")
    steps.ask_to_delete(steps.rows(page))
    page.get_by_role("button", name="Delete passkey", exact=True).click()
    expect(page.get_by_text("No passkeys yet")).to_be_visible()
    assert not Passkey.objects.exists()
