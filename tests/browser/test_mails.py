"""Mails as a mail program shows them: narrow and wide, light and dark, from right to left, with or without styles."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page

from otp_passkeys import notifications
from otp_passkeys.models import Passkey

from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.translations import LANGUAGES
from .accessibility import OVERFLOW, violations

pytestmark = [pytest.mark.browser, pytest.mark.extended, pytest.mark.django_db]

# A mail stands in the page of a mail program, whose landmarks they are.
LANDMARKS = {"landmark-one-main", "region"}
LONG = {
    "account": "a" * 150,
    "name": "M" * 64,
    "site": "Gesellschaftsversicherungsverwaltung.example",
}
# What sticks out of its parent, where the window has room for it.
STICKS_OUT = """() => [...document.querySelectorAll("td *")].filter((one) => {
  const [inner, outer] = [one, one.closest("td")].map((it) => it.getBoundingClientRect());
  return inner.left < outer.left - 1 || inner.right > outer.right + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""
COLOUR = "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Open a window of a mail program, which sends nothing and runs no script of the mail."""
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    page.route("**/*", lambda route: pytest.fail(f"fetched {route.request.url}"))
    yield page
    page.close()


@pytest.fixture
def send(rf: RequestFactory, alice: User, mailoutbox: list[Any]) -> Callable[..., str]:
    """Return a function that returns the HTML of the fullest mail of a name."""

    def send(name: str, language: str = "en", nickname: str = "Desk") -> str:
        mailoutbox.clear()
        request = rf.get("/", secure=True)
        passkey = stored_passkey(alice, nickname=nickname, aaguid=ONE_PASSWORD)
        receiver: Any = getattr(notifications, f"on_passkey_{name}")
        with translation.override(language), pytest.MonkeyPatch.context() as patch:
            patch.setattr("otp_passkeys.notifications.limit.MOST", 1)
            alice.passkey_handle.mailed_at = ""
            alice.passkey_handle.save()
            receiver(Passkey, request, alice, passkey, purpose="upgrade")
        (mail,) = mailoutbox
        html: str = mail.alternatives[0][0]
        return html

    return send


def against(page: Page) -> list[Any]:
    """Return what there is against a mail: in light and dark by axe-core, and in the width of a telephone."""
    found = [one for one in violations(page) if one[1] not in LANDMARKS]
    return found + page.evaluate(OVERFLOW) + page.evaluate(STICKS_OUT)


@pytest.mark.parametrize("name", ["registered", "deleted"])
@pytest.mark.parametrize("language", ["en", *map(translation.to_language, LANGUAGES)])
def test_nothing_against_it(page: Page, send: Callable[..., str], language: str, name: str) -> None:
    """P11: each mail fits 320 px and can be read in light and in dark, in every language."""
    page.set_content(send(name, language))
    assert against(page) == []
    box = page.locator("a").bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 200


@pytest.mark.parametrize("language", ["en", "ar"])
def test_long_names(
    page: Page, send: Callable[..., str], alice: User, settings: Any, language: str
) -> None:
    """P11: a name of 64 wide letters, a username of 150 and a long site break, and push nothing out of the window."""
    settings.OTP_PASSKEYS_RP_NAME = LONG["site"]
    alice.username = LONG["account"]
    page.set_content(send("registered", language, LONG["name"]))
    for name in LONG.values():
        assert name in page.inner_text("body")
    assert against(page) == []


def test_right_to_left(page: Page, send: Callable[..., str]) -> None:
    """S1.8: the Arabic mail is mirrored, also in a program that drops html and body; a Latin name keeps its order."""
    html = send("registered", "ar", nickname="Desk (2)")
    for source in (html, fragment(html)):
        page.set_viewport_size({"width": 640, "height": 640})
        page.set_content(source)
        card = page.locator(".mail-card").bounding_box()
        heading = page.locator("h1").evaluate(
            "(one) => { const it = document.createRange(); it.selectNodeContents(one);"
            " return it.getBoundingClientRect().right }"
        )
        assert card is not None
        assert card["x"] + card["width"] - heading < 40
        assert page.locator("li bdi", has_text="Desk (2)").count() == 1


def fragment(html: str) -> str:
    """Return what is left of a mail in a program that drops head, html and body, in a page of its own."""
    body = html.partition("<body")[2].partition(">")[2].partition("</body>")[0]
    return f'<!doctype html><html lang="en"><title>Mail</title><div>{body}</div>'


@pytest.mark.parametrize("page_is", ["#ffffff", "#121212"])
def test_without_styles(page: Page, send: Callable[..., str], page_is: str) -> None:
    """P11: where the style element is dropped every colour still stands on its own, on a dark page too."""
    colours = f"background: {page_is}; color: {'#e0e0e0' if page_is == '#121212' else '#111111'}"
    page.set_content(
        re.sub("<div>", f'<div style="{colours}">', fragment(send("deleted")), count=1)
    )
    assert against(page) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.locator(".mail-card").evaluate(COLOUR) == [
            "rgb(255, 255, 255)",
            "rgb(27, 32, 39)",
        ]


def test_dark(page: Page, send: Callable[..., str]) -> None:
    """P11: in dark, nothing is left of the light colours."""
    page.set_content(send("registered"))
    bright = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        bright[scheme] = page.evaluate(
            """() => [...document.querySelectorAll("body, body *")].flatMap((one) =>
              [getComputedStyle(one).backgroundColor]).filter((it) => it !== "rgba(0, 0, 0, 0)")"""
        )
    assert len(bright["light"]) == len(bright["dark"]) == 5
    assert set(bright["light"]) & set(bright["dark"]) == set()
