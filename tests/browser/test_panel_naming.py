"""Naming a passkey in its row of the panel."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.templates import APPLE
from . import steps

pytestmark = pytest.mark.browser


def test_new_row_is_named_in_place(panel: Page) -> None:
    """The row is there at once, highlighted, and named there; "Unknown" is no name to offer (S2.1, S1.8)."""
    steps.add_passkey(panel)
    field = panel.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(steps.rows(panel)).to_contain_text("Unknown passkey provider")
    expect(steps.rows(panel)).to_have_attribute("data-highlight", "")
    expect(panel.get_by_role("status")).to_have_text(
        "“Unknown passkey provider” was added. You can give it a name of your own."
    )
    panel.keyboard.type("Work laptop")
    panel.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("The passkey is now called")
    expect(steps.rows(panel)).to_contain_text("Work laptop")
    expect(panel.get_by_role("button", name="Rename Work laptop")).to_be_focused()
    assert Passkey.objects.get().nickname == "Work laptop"


def test_name_is_offered(panel: Page, alice: User) -> None:
    """The name of a provider that is known is offered, and selected; so is a nickname (S1.9)."""
    passkey, _ = steps.passkey_from_elsewhere(alice, aaguid=APPLE)
    for name in ("Apple Passwords", "Phone"):
        panel.reload()
        steps.rows(panel).locator("[data-rename]").click()
        expect(panel.get_by_label("Name", exact=True)).to_have_value(name)
        assert panel.evaluate("getSelection().toString()") == name
        Passkey.objects.filter(pk=passkey.pk).update(nickname="Phone", aaguid=None)


@pytest.mark.parametrize("close", ["Escape", "Enter", "button"])
def test_name_can_be_kept(panel: Page, close: str) -> None:
    """Escape, saving the name unchanged, and the button keep the name; the focus stays in the row (S1.9)."""
    steps.add_passkey(panel)
    expect(panel.get_by_label("Name", exact=True)).to_be_focused()
    if close == "button":
        panel.get_by_role("button", name="Not now").click()
    else:
        panel.keyboard.press(close)
    expect(panel.get_by_label("Name", exact=True)).to_have_count(0)
    expect(panel.get_by_role("button", name="Rename Unknown passkey provider")).to_be_focused()
    assert Passkey.objects.get().nickname == ""


@pytest.mark.complaint("status of 422")
def test_bad_name(panel: Page) -> None:
    """What is wrong with a name is said at the field, which keeps what was typed and the focus (S1.13)."""
    steps.add_passkey(panel)
    field = panel.get_by_label("Name", exact=True)
    field.fill("reversed\u202eman")
    panel.keyboard.press("Enter")
    expect(panel.get_by_role("alert")).to_have_text(
        "This name has characters that can’t be used, such as line breaks or signs that turn the direction of text."
    )
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("reversed\u202eman")
    assert Passkey.objects.get().nickname == ""


def test_typed_name_survives_a_refresh(panel: Page) -> None:
    """Reading the list again loses neither the open form nor what is in it (S2.4)."""
    steps.add_passkey(panel)
    panel.get_by_label("Name", exact=True).fill("Half a na")
    panel.get_by_role("button", name="Refresh the list").click()
    expect(panel.get_by_text("The list is up to date.")).to_be_visible()
    expect(panel.get_by_label("Name", exact=True)).to_have_value("Half a na")


@pytest.mark.complaint("status of 404")
def test_renamed_meanwhile_deleted(panel: Page) -> None:
    """Naming what was deleted in another tab says so, and shows the list as it is (S2.6)."""
    steps.add_passkey(panel)
    field = panel.get_by_label("Name", exact=True)
    field.fill("Gone")
    Passkey.objects.all().delete()
    panel.keyboard.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("already gone")
    expect(steps.rows(panel)).to_have_count(0)
    expect(panel.get_by_role("button", name="Add a passkey")).to_be_focused()
