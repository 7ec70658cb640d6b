"""What sticks to an edge of the window covers neither the focus nor what there is to read, however low it is."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from . import steps
from .accessibility import SPACING
from .keyboard import walk
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# As the app says it, with what a password manager's own steps may add.
LONGEST = """() => {
  const panel = document.querySelector("otp-passkey-panel");
  const [longest] = [...panel.querySelectorAll("template[data-message]")]
    .map((one) => one.dataset.message)
    .sort((one, other) => panel.text(other).length - panel.text(one).length);
  panel.say(longest, "error", "Open the settings of the password manager and delete it there.");
}"""

# 1280 x 1024 at 400 %, a telephone on its side, and the lowest windows in which news stick to the edge.
SIZES = [(320, 256), (640, 360), (320, 640), (640, 512)]


@pytest.fixture
def panel(page: Page, alice: User) -> Page:
    """Open alice's panel with a dozen passkeys."""
    steps.passkey_from_elsewhere(alice, aaguid=GOOGLE, synced=False)
    for number in range(11):
        stored_passkey(alice, rp_id="localhost", nickname=f"Key {number}")
    steps.begin_in_panel(page, alice)
    return page


@pytest.mark.parametrize("spaced", [False, True], ids=["", "spaced"])
@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_news(panel: Page, size: tuple[int, int], spaced: bool) -> None:
    """The longest news cover no focus, on the way down and up, and are read whole (WCAG 2.4.11, 1.4.12)."""
    panel.set_viewport_size({"width": size[0], "height": size[1]})
    panel.evaluate(SPACING, spaced)
    panel.evaluate(LONGEST)
    status = panel.get_by_role("status")
    expect(status).not_to_be_empty()
    last = panel.get_by_role("button", name="Refresh the list")
    walk(panel, last)
    walk(panel, panel.get_by_role("button", name="Add a passkey"), key="Shift+Tab")
    status.scroll_into_view_if_needed()
    expect(status).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
def test_naming(panel: Page, size: tuple[int, int]) -> None:
    """The form in a row, opened while there are news, is not under them."""
    panel.set_viewport_size({"width": size[0], "height": size[1]})
    panel.evaluate(LONGEST)
    expect(panel.get_by_role("status")).not_to_be_empty()
    row = steps.rows(panel).nth(6)
    walk(panel, row.locator("[data-rename]"))
    panel.keyboard.press("Enter")
    walk(panel, panel.get_by_role("button", name="Cancel"))
    walk(panel, panel.get_by_label("Name", exact=True), key="Shift+Tab")
    assert Passkey.objects.count() == 12
