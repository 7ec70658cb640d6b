"""The admin's own sign-in page with the passkey button, as the how-to page says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.docs import code_block
from . import steps
from .accessibility import OVERFLOW, violations
from .chromium import VirtualAuthenticator, until

pytestmark = [pytest.mark.browser, pytest.mark.extended]


@pytest.fixture
def form_with_autofill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the admin the form that the page tells; the example site has the template that it shows."""
    monkeypatch.setattr(admin.site, "login_form", admin.site.login_form)  # so that it is restored
    exec(code_block("how-to/admin", "python", "login_form"), {"__name__": "urls"})


def sign_in(page: Page, how: Callable[[], None]) -> None:
    """Sign in on the admin's page, on the way to the list of users."""
    page.goto(reverse("admin:auth_user_changelist"))
    how()
    expect(page.get_by_role("heading", name="Select user to change")).to_be_visible()


@pytest.mark.usefixtures("form_with_autofill")
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


# Where a form's button, the passkey button, and the fields stand.
PLACES = """() => {
  const [submit, or, button, field] = ["[type=submit]", ".otp-passkeys-or", ".otp-passkeys-button", "#id_password"]
    .map((one) => document.querySelector(one).getBoundingClientRect());
  return { above: or.top - submit.bottom, between: button.top - or.bottom,
    start: button.left - field.left, end: button.right - field.right };
}"""


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("path", ["", "?next=/admin/auth/user/"])
def test_stands_clear(page: Page, db: None, width: int, path: str) -> None:
    """The button stands below the form, as wide as its fields: Django's form floats, and "or" was thrown beside it."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reverse("admin:login") + path)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    places: dict[str, Any] = page.evaluate(PLACES)
    assert places["above"] >= 10
    assert places["between"] >= 10
    assert abs(places["start"]) < 1
    assert abs(places["end"]) < 1
    assert page.evaluate(OVERFLOW) == []


def test_axe(page: Page, db: None) -> None:
    """The button is readable in the admin's own light and dark."""
    page.goto(reverse("admin:login"))
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    assert violations(page, within="otp-passkey-sign-in") == []
