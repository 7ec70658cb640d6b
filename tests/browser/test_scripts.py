"""The scripts share one module: in any order, twice, late, or not at all."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from playwright.sync_api import Page, expect

from . import steps
from .chromium import Complaints, VirtualAuthenticator
from .patience import hasten_animations

pytestmark = [pytest.mark.browser, pytest.mark.extended]

PAGE = """{% load otp_passkeys %}<!doctype html><html lang="en"><head><title>Scripts</title></head>
<body>{% passkey_panel %}{% passkey_sign_in %}</body></html>"""
ELEMENTS = ["panel", "add", "delete", "sign-in"]
INSERT = """(names) => Promise.all(names.map((name) => new Promise((done) => {
  const script = document.createElement("script");
  Object.assign(script, { type: "module", src: `/static/otp_passkeys/${name}`, onload: done });
  document.head.append(script);
})))"""


def bare(request: HttpRequest) -> HttpResponse:
    """Show a panel and a button on a page that loads no script."""
    html = engines["django"].from_string(PAGE).render({}, request)
    return HttpResponse(re.sub(r"<script.*?</script>", "", html))


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the page to the example site."""
    settings.ROOT_URLCONF = (path("bare/", bare), path("", include("example.urls")))


@pytest.fixture
def panel(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> Page:
    """Open the page with a passkey in the list."""
    steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice).goto("/bare/")
    return page


def expect_without_script(page: Page) -> None:
    """Expect a page of which no script has taken hold."""
    expect(page.get_by_role("button", name="Add a passkey")).to_be_disabled()
    expect(page.get_by_role("button", name="Rename Unknown")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


@pytest.mark.parametrize(
    "names",
    [
        [*ELEMENTS, "ceremony"],
        ["ceremony", *reversed(ELEMENTS)],
        ["add", "ceremony", "delete", "sign-in", "panel"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("virtual_authenticator")
def test_any_order(panel: Page, names: list[str]) -> None:
    """S4: each script, inserted after the others have loaded, and all of them once more under other names."""
    expect_without_script(panel)
    for name in names:
        panel.evaluate(INSERT, [f"{name}.js"])
    panel.evaluate(INSERT, ["sync.js", *(f"{name}.js?release=2" for name in [*names, "sync"])])
    expect(panel.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    steps.add_passkey(panel)
    expect(steps.rows(panel)).to_have_count(2)
    steps.delete(panel.locator("[data-list] [data-id]").last)
    expect(steps.rows(panel)).to_have_count(1)


def test_never(panel: Page, complaints: Complaints) -> None:
    """S4: without it nothing pretends to work: rows lead to pages, and what adds says why it cannot."""
    hasten_animations(panel)
    panel.evaluate(INSERT, [f"{name}.js" for name in ELEMENTS])
    expect_without_script(panel)
    expect(panel.get_by_text("Adding a passkey needs JavaScript")).to_be_visible()
    panel.get_by_role("button", name="Delete Unknown").click()
    expect(panel.get_by_role("button", name="Delete passkey", exact=True)).to_be_visible()
    assert "/delete/" in panel.url
