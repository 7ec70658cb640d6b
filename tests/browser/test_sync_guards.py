"""What keeps the sync from deleting a passkey by mistake, and from running twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db.models.signals import pre_save
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until
from .quiet import queued, settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

HOLD_LOCK = """() => new Promise((held) => {
  navigator.locks.request("otp-passkeys", () => new Promise((release) => {
    window.release = release;
    held();
  }));
})"""


@contextmanager
def saving_slowly() -> Iterator[tuple[Event, Event]]:
    """Keep the server in the middle of a registration: yields when it is there, and what ends it."""
    there, go_on = Event(), Event()
    in_time: list[bool] = []

    def wait(**_: object) -> None:
        there.set()
        in_time.append(go_on.wait(60))

    pre_save.connect(wait, sender=Passkey, weak=False)
    try:
        yield there, go_on
    finally:
        go_on.set()
        pre_save.disconnect(wait, sender=Passkey)
    assert all(in_time), "the registration went on before the test let it"


def test_page_left_while_its_passkey_is_saved(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A list read before the commit is not signalled: the new passkey stays (S0.24, Y1)."""
    elsewhere, _ = steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice)
    page.clock.install()
    with steps.syncing(page):
        steps.open_panel(page)
    with saving_slowly() as (there, go_on):
        steps.add_passkey(page)
        until(page, there.is_set, what="a registration under way")
        [new] = virtual_authenticator.ids()
        steps.open_panel(page)
        settled(page, held=1)
        page.clock.run_for(3000)  # more than the first retry of a sync
        settled(page, held=1)
        assert virtual_authenticator.ids() == {new}
        go_on.set()
        until(page, lambda: Passkey.objects.count() == 2, what="the new passkey's row")
    page.evaluate("localStorage['otp-passkeys-saving'] = 0")  # as if its minute were over
    with steps.syncing(page):
        steps.open_panel(page)
    settled(page)
    assert virtual_authenticator.ids() == {new}
    assert {one.id_base64url for one in Passkey.objects.all()} == {new, elsewhere.id_base64url}


def test_not_while_another_tab_adds_a_passkey(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """The sync waits for the lock that a registration holds, in whatever tab it runs (S0.24)."""
    passkey, credential = steps.passkey_from_elsewhere(alice)
    steps.begin_visit(page, alice)
    virtual_authenticator.hold(credential)
    other = page.context.new_page()
    other.goto(reverse("otp_passkeys:sign-in"))
    other.evaluate(HOLD_LOCK)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    steps.open_panel(page)
    expect(steps.row(page, passkey.id_base64url)).to_be_visible()
    queued(page)
    assert not [url for url in asked if reverse("otp_passkeys:sync") in url]
    with steps.syncing(page):
        other.evaluate("window.release()")
    assert virtual_authenticator.ids() == {passkey.id_base64url}


@pytest.mark.usefixtures("virtual_authenticator")
def test_registration_keeps_the_note_of_a_page_that_was_left(page: Page, alice: User) -> None:
    """Another registration that ends well says nothing about one whose outcome is unknown (S0.24)."""
    steps.begin_in_panel(page, alice)
    page.evaluate("localStorage['otp-passkeys-saving'] = 1234")
    steps.add_passkey(page)
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()
    assert page.evaluate("localStorage['otp-passkeys-saving']") == "1234"


@pytest.mark.usefixtures("virtual_authenticator")
def test_two_tabs_make_one_sync(page: Page, alice: User) -> None:
    """Of two tabs whose pages say that a sync is due, one syncs (S0.10, PLATFORM's ten changes)."""
    steps.passkey_from_elsewhere(alice)  # else a page offers one
    sync = reverse("otp_passkeys:sync")
    asked: list[str] = []
    page.context.on("request", lambda one: asked.append(one.method) if sync in one.url else None)
    keeper, second = page.context.new_page(), page.context.new_page()
    keeper.goto(reverse("otp_passkeys:sign-in"))
    keeper.evaluate(HOLD_LOCK)
    steps.bring_session(page, alice).goto("/")
    second.goto("/")
    queued(page, 2)
    assert asked == []
    keeper.evaluate("window.release()")
    steps.expect_synced(page)
    settled(page)
    settled(second)
    assert asked == ["GET", "POST"]


@pytest.mark.usefixtures("virtual_authenticator")
def test_browser_keeps_times_only(page: Page, alice: User) -> None:
    """What is stored in the browser to compare ages holds no identifier (S0.15)."""
    steps.begin_in_panel(page, alice)
    with steps.syncing(page):
        steps.add_passkey(page)
    expect(steps.rows(page)).to_have_count(1)
    stored = page.evaluate("({...localStorage, ...sessionStorage})")
    stored.pop(
        "otp-passkeys-upgrade", None
    )  # when the browser was asked to add a passkey by itself
    assert set(stored) == {"otp-passkeys", "otp-passkeys-saving"}
    assert all(value.isdigit() for value in stored.values())
