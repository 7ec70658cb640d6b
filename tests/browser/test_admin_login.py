"""The admin's own sign-in page with the passkey button, as the how-to page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until

pytestmark = pytest.mark.browser

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "admin.rst"


def code(language: str) -> str:
    """Return the code block of the how-to page in a language."""
    block = re.search(
        rf"\.\. code-block:: {re.escape(language)}\n   :caption: .*\n\n((?:   .*\n|\n)+)",
        PAGE.read_text(),
    )
    assert block
    return re.sub(r"^   ", "", block[1], flags=re.MULTILINE)


@pytest.fixture
def admin_page(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the admin what the page tells."""
    monkeypatch.setattr(admin.site, "login_form", admin.site.login_form)  # so that it is restored
    (tmp_path / "admin").mkdir()
    (tmp_path / "admin" / "login.html").write_text(code("html+django"))
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]
    exec(code("python"), {"__name__": "urls"})  # as the reader is told


def sign_in(page: Page, how: Callable[[], None]) -> None:
    """Sign in on the admin's page, on the way to the list of users."""
    page.goto(reverse("admin:auth_user_changelist"))
    how()
    expect(page.get_by_role("heading", name="Select user to change")).to_be_visible()


@pytest.mark.usefixtures("admin_page")
def test_button_and_autofill(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A member of the staff comes to the page asked for, by autofill and by the button."""
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    steps.sign_in_with_password(page, alice)
    steps.open_panel(page)
    steps.add_passkey(page)
    expect(steps.rows(page)).to_have_count(1)
    steps.expect_synced(page)
    page.goto(reverse("admin:index"))  # which has no sync that the end of the session would cut off
    page.context.clear_cookies()
    virtual_authenticator.asked.clear()
    # A key that is present at once answers the autofill without being asked.
    sign_in(page, lambda: None)
    assert virtual_authenticator.asked == ["conditional"]
    page.context.clear_cookies()
    virtual_authenticator.asked.clear()
    virtual_authenticator.set_presence(False)

    def press() -> None:
        until(page, lambda: virtual_authenticator.asked != [], what="autofill")
        virtual_authenticator.set_presence(True)
        steps.press_passkey_button(page)

    sign_in(page, press)
    assert virtual_authenticator.asked[:2] == ["conditional", "modal"]
    assert Passkey.objects.get().last_used_at is not None
