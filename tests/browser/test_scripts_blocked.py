"""Pages whose scripts do not arrive: each says so, and what to do next."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from ..helpers.steps import lose_password
from . import steps
from .accessibility import violations
from .chromium import Complaints
from .patience import hasten_animations
from .steps_accounts import remember, sign_in_as

pytestmark = [pytest.mark.browser, pytest.mark.extended]

BLOCKED = "Something keeps this page from asking for your passkey."


@pytest.fixture
def blocked(page: Page, complaints: Complaints) -> Page:
    """Open a tab in which no script of the site arrives."""
    complaints.expect("ERR_FAILED")
    page.route(re.compile(r"\.js$"), lambda route: route.abort())
    hasten_animations(page)
    return page


def test_reauthentication(blocked: Page, alice: User) -> None:
    """S4.7: the only way cannot begin: the page says so, and whom to ask."""
    steps.give_passkey(alice)
    lose_password(alice)
    steps.bring_session(blocked, alice).goto(reverse("otp_passkeys:reauthenticate"))
    expect(blocked.get_by_text(BLOCKED)).to_be_visible()
    expect(blocked.get_by_text("ask the people who run this site")).to_be_visible()
    assert not violations(blocked)


def test_sign_in(blocked: Page, alice: User) -> None:
    """S4.16: so do the form for any account, and the page of one."""
    blocked.goto(steps.any_account())
    expect(blocked.get_by_text(BLOCKED)).to_be_visible()
    assert not violations(blocked)
    steps.give_passkey(alice)
    remember(blocked, alice).goto(reverse("otp_passkeys:sign-in"))
    sign_in_as(blocked, "alice")
    expect(blocked.get_by_text(BLOCKED)).to_be_visible()
    expect(blocked.get_by_role("link", name="Try another way")).to_be_visible()
    assert not violations(blocked)


def test_gone_with_the_script(page: Page, alice: User) -> None:
    """S4.16: where the script runs, nobody reads that something keeps it from running."""
    page.goto(steps.any_account())
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    expect(page.get_by_text(BLOCKED)).to_be_hidden()
