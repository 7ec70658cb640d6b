"""Text at 200 % on a telephone, and the panel in a narrow column of a wide page."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from ..helpers.rows import stored_passkey
from . import steps
from .accessibility import CUT_OFF, OVERFLOW
from .steps_accounts import remember
from .test_panel import GOOGLE

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# In a sheet of the script's own, which the site's policy lets be.
STYLE = """(rules) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
}"""
LARGE = "html { font-size: 200% !important; }"

# The words of the controls that are seen of which not all letters stand on one line, or inside the control. An address
# may break before "@" and ".".
BROKEN = """(within) => [...document.querySelectorAll(
  `${within} :is(.otp-passkeys-button, .otp-passkeys-choice)`)].flatMap((one) => {
  const { left, right } = one.getBoundingClientRect();
  const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
  const broken = [];
  while (walker.nextNode())
    for (const { 0: word, index } of walker.currentNode.data.matchAll(/[^\\s@.]+/g)) {
      const range = new Range();
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + word.length);
      const rects = [...range.getClientRects()];
      if (new Set(rects.map(({ top }) => Math.round(top))).size > 1) broken.push(word);
      if (rects.some((one) => one.left < left || one.right > right)) broken.push(`outside: ${word}`);
    }
  return broken;
})"""

# Where the icon of each row stands, from its name.
PLACES = """() => [...document.querySelectorAll("[data-id]")].map((row) => {
  const [icon, name] = [".otp-passkeys-icon", ".otp-passkeys-name"].map((one) =>
    row.querySelector(one).getBoundingClientRect());
  return icon.bottom <= name.top ? "above" : "beside";
})"""


BELOW = """(row) => {
  const [icon, actions] = [".otp-passkeys-icon", ".otp-passkeys-actions"].map((one) =>
    row.querySelector(one).getBoundingClientRect());
  return actions.top >= icon.bottom;
}"""


@pytest.fixture
def panel(page: Page, alice: User) -> Page:
    """Open alice's panel with two passkeys."""
    stored_passkey(alice, rp_id="localhost", aaguid=GOOGLE)
    stored_passkey(alice, rp_id="localhost", nickname="Office computer")
    steps.begin_in_panel(page, alice)
    return page


def examine(page: Page, within: str = "otp-passkey-panel") -> None:
    """Expect that nothing is broken, cut off, or wider than the window."""
    assert page.evaluate(BROKEN, within) == []
    assert page.evaluate(OVERFLOW) + page.evaluate(CUT_OFF) == []


def test_telephone(panel: Page) -> None:
    """WCAG 1.4.4: at 320 px each state can be read: the icon stands above, and no word of a button is broken."""
    panel.set_viewport_size({"width": 320, "height": 640})
    assert panel.evaluate(PLACES) == ["beside"] * 2
    panel.evaluate(STYLE, LARGE)
    assert panel.evaluate(PLACES) == ["above"] * 2
    examine(panel)
    steps.rows(panel).first.locator("[data-rename]").click()
    examine(panel)
    panel.get_by_role("button", name="Cancel").click()
    steps.ask_to_delete(steps.rows(panel).first)
    expect(panel.get_by_role("dialog")).to_be_visible()
    examine(panel, "dialog")


def test_narrow_column(panel: Page) -> None:
    """S2.8: in a wide window the column decides: what a telephone gets, a sidebar gets too."""
    row = steps.rows(panel).first

    def is_below() -> bool:
        """Say whether the buttons stand below the icon."""
        answer: bool = row.evaluate(BELOW)
        return answer

    assert not is_below()
    panel.evaluate(STYLE, "otp-passkey-panel { inline-size: 20rem; }")
    assert is_below()
    examine(panel)
    panel.evaluate(STYLE, "otp-passkey-panel { inline-size: 12rem; }")
    assert panel.evaluate(PLACES) == ["above"] * 2
    examine(panel)


def test_pages(page: Page, alice: User) -> None:
    """WCAG 1.4.4: the pages that rename, delete and ask who is there can be read as well."""
    passkey = stored_passkey(alice, rp_id="localhost", aaguid=GOOGLE)
    steps.bring_session(page, alice)
    page.set_viewport_size({"width": 320, "height": 640})
    for name in ("rename", "delete"):
        page.goto(reverse(f"otp_passkeys:{name}", args=[passkey.pk]))
        page.evaluate(STYLE, LARGE)
        examine(page, "main")
    page.goto(reverse("otp_passkeys:reauthenticate"))
    page.evaluate(STYLE, LARGE)
    examine(page, "main")


def test_signing_in(page: Page, alice: User, bob: User) -> None:
    """WCAG 1.4.4: so can the pages around signing in. The list of accounts had one letter on a line."""
    User.objects.filter(pk=alice.pk).update(username="alice@example.com", first_name="Alice")
    alice.refresh_from_db()
    stored_passkey(alice, rp_id="localhost")
    page.set_viewport_size({"width": 320, "height": 640})
    for users in ([], [alice], [alice, bob]):
        page.context.clear_cookies()
        if users:
            remember(page, *users)
        page.goto(reverse("otp_passkeys:sign-in"))
        page.evaluate(STYLE, LARGE)
        examine(page, "main")
