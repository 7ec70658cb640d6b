"""The templates that the pages show render, and show what the text around them says."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.urls import include, path

from otp_passkeys.models import Passkey

from ..helpers.steps import SignedIn
from .blocks import having, take

pytestmark = pytest.mark.django_db
BASE = (
    "<title>{% block title %}{% endblock %}{% block page_title %}{% endblock %}</title>"
    "{% block content %}{% endblock %}{% block main %}{% endblock %}"
)
# What each template shows to alice, who has a passkey and has just signed in with a password.
SHOWS = {
    ("docs/how-to/first-passkey", "…"): r"<otp-passkey-sync ",
    ("docs/how-to/first-passkey", "upgrade=False"): r"^\s*$",  # has one
    ("docs/how-to/first-passkey", "Go on"): r"Welcome, alice(?s:.*)<otp-passkey-panel",
    ("docs/how-to/htmx", "passkey_assets"): r'hx-get="/passkeys/"',
    ("docs/how-to/htmx", "Read it again"): r'hx-get="/passkeys/" hx-select="\[data-list\]"',
    ("docs/how-to/htmx", "htmx-config"): r'"noSwap": \[204, 304, "4xx"\]',
    ("docs/how-to/htmx", "Set the name"): r'hx-post="/passkeys/\d+/rename/"',
    ("docs/how-to/htmx", "Remove it"): r'hx-post="/passkeys/\d+/delete/"',
    ("docs/how-to/json", "json-client.js"): r'src="/static/json-client.js" data-base="/passkeys/"',
    ("docs/how-to/remembered-accounts", "sign_out.html"): r'action="/passkeys/sign-in/forget/"',
    ("docs/how-to/settings-page", "passkey_panel"): r"<otp-passkey-panel",
    ("docs/how-to/settings-page", "{% for passkey in"): r"Desk\s+<a href=\"/passkeys/\d+/rename/\"",
    ("docs/how-to/sync", "</body>"): r"<otp-passkey-sync ",
    ("docs/reference/tags", "{% load otp_passkeys %}"): r"^\s*$",
}


def shown(code: str, client: Client, folder: Path, settings: Any) -> str:
    """Return a page that is this template, as a user sees it."""
    (folder / "base.html").write_text(BASE)
    (folder / "page.html").write_text(code)
    templates = [{**settings.TEMPLATES[0], "DIRS": [folder]}]

    def page(request: HttpRequest) -> HttpResponse:
        passkeys = Passkey.objects.for_user(request.user)
        return render(request, "page.html", {"passkeys": passkeys, "passkey": passkeys[0]})

    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = (path("page/", page), path("", include("tests.urls")))
    return client.get("/page/").content.decode()


@pytest.mark.parametrize(
    ("code", "expected"),
    [pytest.param(take(*where), seen, id=" ".join(where)) for where, seen in SHOWS.items()],
)
def test_shows(
    alice: User,
    passkey: Passkey,
    signed_in: SignedIn,
    settings: Any,
    tmp_path: Path,
    code: str,
    expected: str,
) -> None:
    """A template renders without a change, on the site of the reader."""
    Passkey.objects.update(nickname="Desk")
    html = shown(code, signed_in(alice), tmp_path, settings)
    assert re.search(expected, html), html


def test_offer(settings: Any, tmp_path: Path, browser: Client) -> None:
    """The tags of the base template offer a passkey to a user who has none; by itself only the first form adds one."""
    for words, asks in (("…", True), ("upgrade=False", False)):
        code = having("docs/how-to/first-passkey", words).code
        (tmp_path / "page.html").write_text(code)
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
        settings.ROOT_URLCONF = (
            path("page/", lambda request: render(request, "page.html")),
            path("", include("tests.urls")),
        )
        [offer] = re.findall("<otp-passkey-offer[^>]*>", browser.get("/page/").content.decode())
        assert ("upgrade" in offer) == asks


def test_frame_with_other_blocks(client: Client, settings: Any, tmp_path: Path) -> None:
    """The pages of the app stand in the blocks that a site has."""
    (tmp_path / "otp_passkeys").mkdir()
    (tmp_path / "base.html").write_text(
        "<title>{% block page_title %}{% endblock %}</title><main>{% block main %}{% endblock %}</main>"
    )
    code = take("docs/how-to/templates", "block page_title")
    (tmp_path / "otp_passkeys" / "base.html").write_text(code)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    html = client.get("/passkeys/sign-in/").content.decode()
    assert re.search(r"<title>\s*Sign in", html)
    assert re.search(r"<main>(?s:.*)<otp-passkey-sign-in(?s:.*)</main>", html)
