"""A passkey that a manager delivers after its time: it is saved, unless a list without it was signalled meanwhile."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until
from .managers import NOT_CREATED, become
from .patience import TAKE_LOCK, count, expect_not_busy
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

ABORTED = "document.querySelector('otp-passkey-add').controller.signal.aborted"


@pytest.fixture
def late(quick: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> Page:
    """Open the panel of alice, who has a passkey elsewhere, with a manager that answers late."""
    steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(quick, alice)
    settled(quick)
    become(quick, "manager_that_answers_late")
    return quick


@pytest.mark.parametrize("end", ["its time", "an abort"])
def test_late_passkey(late: Page, virtual_authenticator: VirtualAuthenticator, end: str) -> None:
    """S6.1: a passkey that comes after its time, or after an abort, is saved."""
    if end == "an abort":
        late.evaluate("void (AbortSignal.timeout = patient)")
    steps.add_passkey(late)
    until(late, lambda: len(virtual_authenticator.ids()) == 1, what="a passkey in the manager")
    if end == "an abort":  # another tab takes the lock
        late.evaluate(TAKE_LOCK)
        until(late, lambda: bool(late.evaluate(ABORTED)), what="the end of the request")
    expect(late.get_by_role("status")).to_have_text(NOT_CREATED if end == "its time" else "")
    expect_not_busy(late)
    with steps.syncing(late):
        late.evaluate("managers.answer()")
        expect(late.get_by_text("was added. You can give it a name")).to_be_visible()
    expect(steps.rows(late)).to_have_count(2)
    settled(late)
    [new] = virtual_authenticator.ids()
    assert Passkey.objects.latest("pk").id_base64url == new


@pytest.mark.parametrize("reported", [True, False])
@pytest.mark.complaint("ERR_FAILED")
def test_late_passkey_after_a_list(
    late: Page, virtual_authenticator: VirtualAuthenticator, reported: bool
) -> None:
    """S6.1: if a list without it was signalled meanwhile it is dropped, and another list is signalled (S0.24)."""
    sync = "**" + reverse("otp_passkeys:sync")
    registrations = count(late, "register")
    steps.add_passkey(late)
    expect(late.get_by_role("status")).to_have_text(NOT_CREATED)
    until(late, lambda: len(virtual_authenticator.ids()) == 1, what="a passkey in the manager")
    if not reported:
        late.route(sync, steps.refuse_posts)
    with late.expect_request(lambda one: one.method == "POST" and one.url.endswith("/sync/")):
        late.get_by_role("button", name="Refresh the list").click()
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    settled(late)
    late.unroute(sync)
    with steps.syncing(late):
        late.evaluate("managers.answer()")
    settled(late)
    assert registrations == []
    assert Passkey.objects.count() == 1
