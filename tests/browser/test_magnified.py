"""A window of 1280 by 1024, magnified to 400 %: what a press leads to is seen, and opening a page scrolls nothing."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from . import steps
from .managers import GENERAL, NOT_ADDED, become
from .quiet import settled
from .test_surroundings import NOT_ALLOWED, forbid

pytestmark = [pytest.mark.browser, pytest.mark.extended]


@pytest.fixture
def magnified(managed: Page) -> Page:
    """Return a tab in what is left of such a window."""
    managed.set_viewport_size({"width": 320, "height": 256})
    return managed


def expect_seen(page: Page, words: str) -> None:
    """Expect a message, and all but a pixel of it in the window."""
    status = page.get_by_role("status")
    expect(status).to_contain_text(words)
    expect(status).to_be_in_viewport(ratio=0.95)


def test_button(magnified: Page) -> None:
    """S6.4: what came of a sign-in is in the window."""
    magnified.goto(steps.any_account())
    become(magnified, "manager_that_rejects_with_text")
    steps.press_passkey_button(magnified)
    expect_seen(magnified, GENERAL)


def test_panel(magnified: Page, alice: User) -> None:
    """S6.4: so is what came of adding, which is said below the buttons and their help."""
    steps.open_panel(steps.bring_session(magnified, alice))
    become(magnified, "manager_that_rejects_with_text")
    steps.add_passkey(magnified)
    expect_seen(magnified, NOT_ADDED)


def test_focus_in_the_list(magnified: Page, alice: User) -> None:
    """S6.4: where the user types or has gone on in the list, that stays in the window."""
    steps.passkey_from_elsewhere(alice)
    steps.open_panel(steps.bring_session(magnified, alice))
    steps.add_passkey(magnified)
    expect(magnified.get_by_text("was added. You can give it a name")).to_be_attached()
    expect(magnified.get_by_label("Name", exact=True)).to_be_in_viewport(ratio=0.95)


@pytest.mark.parametrize("address", ["sign-in", "list"])
def test_opened(magnified: Page, alice: User, address: str) -> None:
    """S6.6: what is said when the page opens moves nothing."""
    forbid(magnified, "get", "create")
    if address == "list":
        steps.open_panel(steps.bring_session(magnified, alice))
        words = "Passkeys can’t be added on this page."
    else:
        magnified.goto(steps.any_account())
        words = NOT_ALLOWED
    expect(magnified.get_by_role("status")).to_contain_text(words)
    settled(magnified)
    assert magnified.evaluate("scrollY") == 0
