"""The panel inside a page whose own stylesheet has a say about every element."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from playwright.sync_api import Page, expect

from ..helpers.live import LiveServer
from . import steps

pytestmark = [pytest.mark.browser, pytest.mark.extended]

SHELL = """
{% load otp_passkeys %}<!doctype html><html lang="en"><head><title>Shell</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/foreign.css"></head>
<body>{% passkey_panel %}{% passkey_sign_in %}</body></html>
"""
PLAIN = "body { margin: 0; padding: 16px; font: 16px/1.5 sans-serif; }"
# What stylesheets for bare elements do, those without classes above all.
FOREIGN = """
*, ::before, ::after { box-sizing: border-box; }
button, [role=button], [type=submit] { display: block; width: 100%; margin: 0 0 16px; padding: 24px;
  border: 3px solid red; border-radius: 0; box-shadow: 0 0 9px red; font-size: 24px; letter-spacing: 3px;
  text-transform: uppercase; text-align: left; height: 80px; max-width: 900px; float: left; }
input, select, textarea { width: 50%; height: 70px; margin-bottom: 16px; padding: 24px; box-shadow: 0 0 9px red;
  border-radius: 40px; letter-spacing: 3px; }
label { margin-bottom: 16px; font-size: 30px; text-transform: uppercase; float: left; }
form { margin: 32px; max-width: 200px; }
dialog { display: flex; position: fixed; inset: 0; width: 100vw; height: 100vh; min-width: 100%; min-height: 100%;
  padding: 48px; margin: 0; align-items: center; background: red; }
dialog:not([open]) { display: none; }
h1, h2, h3 { margin: 48px; font-size: 60px; text-transform: uppercase; letter-spacing: 3px; text-align: center; }
p, ul, ol, dl, details { margin: 0 0 32px; font-size: 22px; }
ul, ol { padding-left: 60px; list-style: square; }
li { margin: 0 0 24px; list-style: square; }
a { color: red; text-decoration: underline; border-bottom: 2px solid red; }
img, svg, picture { width: 100%; max-width: 100%; height: auto; margin: 16px; }
header, footer, section { padding: 48px; border: 2px solid red; margin: 24px; }
summary { padding: 24px; border: 2px solid red; }
dt, dd { margin-left: 60px; padding: 12px; }
"""
PLACES = """() => [...document.querySelectorAll(
  ".otp-passkeys :is(button, a, h1, h2, p, ul, li, svg, img, input, label, summary, form, header), dialog")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.tagName + "." + one.className + " " + (one.id || one.textContent.trim().slice(0, 20)),
    ...["x", "y", "width", "height"].map((name) => Math.round(one.getBoundingClientRect()[name]))].join(" "))"""


def shell(request: HttpRequest) -> HttpResponse:
    """Show the panel and the button in a page of the site's own making."""
    return HttpResponse(engines["django"].from_string(SHELL).render({}, request))


def foreign(request: HttpRequest) -> HttpResponse:
    """Serve the site's stylesheet."""
    css = PLAIN + (FOREIGN if "foreign" in request.COOKIES else "")
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": "no-store"})


@pytest.fixture(autouse=True)
def site(example_site: None, settings: Any) -> None:
    """Add the page to the example site."""
    site = path("", include(django_settings.ROOT_URLCONF))
    settings.ROOT_URLCONF = (path("shell/", shell), path("foreign.css", foreign), site)


def look(page: Page) -> dict[str, list[str]]:
    """Return where everything is: as the page opens, while naming, and in the question."""
    page.goto("/shell/")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_enabled()
    places = {"list": page.evaluate(PLACES)}
    page.locator("[data-rename]").click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    places["naming"] = page.evaluate(PLACES)
    steps.ask_to_delete(steps.rows(page))
    expect(page.get_by_role("dialog")).to_be_visible()
    places["question"] = page.evaluate(PLACES)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return places


@pytest.mark.parametrize("width", [320, 1000])
@pytest.mark.usefixtures("virtual_authenticator")
def test_keeps_its_layout(page: Page, alice: User, live_server: LiveServer, width: int) -> None:
    """Styles for bare elements move and resize nothing of the panel, and nothing overflows at 320 px."""
    steps.passkey_from_elsewhere(alice, synced=False)
    steps.bring_session(page, alice)
    page.set_viewport_size({"width": width, "height": 900})
    plain = look(page)
    page.context.add_cookies([{"name": "foreign", "value": "1", "url": live_server.url}])
    styled = look(page)
    for state, places in plain.items():
        moved = [f"{a} -> {b}" for a, b in zip(places, styled[state], strict=True) if a != b]
        assert moved == [], state
    steps.delete(steps.rows(page))
