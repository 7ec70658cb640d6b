"""Unfold and Jazzmin beside this app: the admin's sign-in page, its menu, and the pages of passkeys."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from playwright.sync_api import Page

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register
from tests.browser.chromium import VirtualAuthenticator
from tests.helpers.steps import SignedIn

from .looks import SUFFIXES, Scheme, expect_readable, picture
from .settings import NEIGHBOUR

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
FORM = {"unfold": "#page > div > div:first-child", "jazzmin": ".login-box"}
LIST = "/admin/otp_passkeys/passkey/"
COLOUR = "() => getComputedStyle(document.querySelector('otp-passkey-sign-in button')).color"


@pytest.fixture
def on_user_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """List passkeys on the page of the user, in the look of the theme."""
    module, name = "otp_passkeys.admin", "PasskeyInline"
    if NEIGHBOUR == "unfold":
        module, name = "admin_themes_unfold", "ThemedPasskeyInline"
    inline = getattr(importlib.import_module(module), name)
    monkeypatch.setattr(admin.site.get_model_admin(User), "inlines", [inline])


def test_suggestions(site_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the admin's form passkeys are among the suggestions of Unfold's field; Jazzmin writes its own."""
    monkeypatch.setattr(admin.site, "login_form", admin.site.login_form)  # so that it is restored
    site_module("how-to/admin", "login_form")
    html = Client().get(f"/admin/login/?next={LIST}", secure=True).content.decode()
    assert re.search(rf'<otp-passkey-sign-in [^>]*next="{LIST}"', html)
    assert ('autocomplete="username webauthn"' in html) == (NEIGHBOUR == "unfold")


@pytest.mark.usefixtures("on_user_page")
def test_pages(staff: User, passkey: Passkey, signed_in: SignedIn) -> None:
    """The list, the passkey's and the user's pages are shown, and the menu leads to the panel."""
    client = signed_in(staff)
    for page in (LIST, f"{LIST}{passkey.pk}/change/", f"/admin/auth/user/{staff.pk}/change/"):
        html = client.get(page, secure=True).content.decode()
        assert str(escape(passkey.name)) in html, page
        assert f'href="{reverse("otp_passkeys:list")}"' in html


@pytest.mark.parametrize("scheme", SUFFIXES)
@pytest.mark.django_db(transaction=True)
def test_sign_in_page(
    page: Page, staff: User, scheme: Scheme, live_server: Any, signed_in: SignedIn
) -> None:
    """The button can be read in the theme's light and dark, and leads into the admin."""
    authenticator = VirtualAuthenticator(page)
    software = Authenticator(origin=live_server.url, backup_eligible=False)  # as Chromium's are
    assert register(signed_in(staff, headers={"host": "localhost"}), software).status_code == 201
    authenticator.hold(software.credentials[0])
    authenticator.set_presence(False)
    page.emulate_media(color_scheme=scheme)  # before: both themes look when the page is loaded
    page.goto(LIST)
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.wait_for()
    brightness = sum(map(int, re.findall(r"\d+", page.evaluate(COLOUR))[:3]))
    assert (brightness > 384) == (scheme == "dark")
    picture(page, f"{NEIGHBOUR}-sign-in", scheme, around=FORM[NEIGHBOUR])
    expect_readable(page, "otp-passkey-sign-in")
    authenticator.set_presence(True)
    button.click()
    page.wait_for_url(LIST)
