"""Answers that are no list, or another user's: the browser deletes nothing by mistake."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from playwright.sync_api import Page, Route

from otp_passkeys.encoding import to_base64url
from otp_passkeys.models import Passkey
from otp_passkeys.sync import FLAG

from ..helpers.rows import vanish
from . import steps
from .chromium import VirtualAuthenticator, until
from .quiet import settled, unlocked
from .steps_reauthentication import session_of
from .test_sync_guards import HOLD_LOCK

pytestmark = [pytest.mark.browser, pytest.mark.extended]

SYNC = "**/settings/passkeys/sync/"
NOTE = "localStorage['otp-passkeys']"

# The script's own patience is 20 s; here a second of it passes in 50 ms, until the server is to be heard again.
HURRY = """
const { timeout } = AbortSignal;
AbortSignal.timeout = (ms) => timeout.call(AbortSignal, sessionStorage.patient ? ms : ms / 20);
"""


def is_flagged(page: Page) -> bool:
    """Say whether the flag stands in the session."""
    return FLAG in session_of(page).load()


class SecurityKey(VirtualAuthenticator):
    """A second authenticator of the tab, because one holds a single passkey of an account."""

    def __init__(self, beside: VirtualAuthenticator) -> None:
        self._page, self._session = beside._page, beside._session
        options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True}
        options |= {"hasUserVerification": True, "automaticPresenceSimulation": False}
        answer = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = str(answer["authenticatorId"])


class Keys:
    """The tab's authenticators, which wait to be touched, so that no autofill signs in."""

    def __init__(self, authenticator: VirtualAuthenticator) -> None:
        self._first, self._second = authenticator, SecurityKey(authenticator)
        self.events = authenticator.events  # of both
        authenticator.set_presence(False)

    def hold_good_and_dead(self, user: User) -> tuple[str, str]:
        """Hold two passkeys of a user, the second of which the server does not know any more."""
        good, credential = steps.passkey_from_elsewhere(user)
        self._first.hold(credential)
        dead, credential = steps.passkey_from_elsewhere(user)
        self._second.hold(credential)
        ids = good.id_base64url, dead.id_base64url
        dead.delete()
        return ids

    def ids(self) -> set[str]:
        """Ask both for the IDs that they hold."""
        return self._first.ids() | self._second.ids()

    def expect(self, *ids: str) -> None:
        """Wait until both together hold these passkeys and no others."""
        until(self._first._page, lambda: self.ids() == set(ids), what="the right passkeys")


def deadly() -> str:
    """Write the answer that would delete all of alice's passkeys, were it believed."""
    handle = Passkey.objects.get().account_handle
    assert handle is not None
    user_id = to_base64url(bytes(handle.handle))
    names = {"name": "alice", "displayName": "Alice Archer", "csrfToken": "", "token": ""}
    return json.dumps(
        {"rpId": "localhost", "userId": user_id, "allAcceptedCredentialIds": [], **names}
    )


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Give the deadly answer at the end of a redirect."""
    return HttpResponse(deadly(), content_type="application/json")


def html(route: Route) -> None:
    """Answer with a login page, as sites do that redirect inside the server."""
    route.fulfill(status=200, content_type="text/html", body="<!doctype html><form>Sign in</form>")


def redirect_to(url: str) -> Callable[[Route], None]:
    """Answer with a redirect."""
    return lambda route: route.fulfill(status=302, headers={"Location": url})


BAD_ANSWERS: dict[str, Callable[[Route], None]] = {
    "500 JSON": lambda one: one.fulfill(status=500, content_type="application/json", body=deadly()),
    "500 HTML": lambda one: one.fulfill(
        status=500, content_type="text/html", body="<h1>Server error</h1>"
    ),
    "200 HTML": html,
    "200 JSON as HTML": lambda one: one.fulfill(
        status=200, content_type="text/html", body=deadly()
    ),
    "302 to HTML": redirect_to("/settings/passkeys/sign-in/"),
    "302 to JSON": redirect_to("/elsewhere/"),
    "204": lambda one: one.fulfill(status=204),
    "network": lambda one: one.abort(),
    "not JSON": lambda one: one.fulfill(
        status=200, content_type="application/json", body=deadly()[:-1]
    ),
    "timeout": lambda one: None,
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
@pytest.mark.complaint("status of 500|ERR_FAILED")
def test_bad_answer(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    settings: Any,
    alice: User,
    answer: Callable[[Route], None],
) -> None:
    """What is no list deletes nothing and keeps the flag; the next page makes it good (S0.13, S0.24, Y4).

    The bodies would empty the authenticator. `HURRY` makes one second of the script's patience of 20.
    """
    settings.ROOT_URLCONF = (path("elsewhere/", elsewhere), path("", include("example.urls")))
    keys = Keys(virtual_authenticator)
    good, dead = keys.hold_good_and_dead(alice)
    page.add_init_script(HURRY)
    methods: list[str] = []

    def spoil(route: Route) -> None:
        methods.append(route.request.method)
        answer(route)
        connections.close_all()  # Playwright calls this in a context of its own, and so with a connection of its own

    page.route(SYNC, spoil)
    steps.bring_session(page, alice).goto("/")
    until(page, lambda: methods == ["GET"], what="the question")
    unlocked(page)
    settled(page)
    assert keys.ids() == {good, dead}
    assert keys.events == []
    assert methods == ["GET"]
    assert is_flagged(page)
    page.unroute(SYNC)
    # As if the minute of the back-off were over.
    page.evaluate(f"{NOTE} = 0; sessionStorage.patient = 'yes'")
    with steps.syncing(page):
        page.goto("/")
    keys.expect(good)
    steps.expect_synced(page)


@pytest.mark.parametrize("explicitly", [False, True], ids=["vanished", "deleted"])
def test_empty_list(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, explicitly: bool
) -> None:
    """Rows that vanished empty no authenticator; deleting the last passkey does (S0.24, Y4)."""
    keys = Keys(virtual_authenticator)
    ids = set(keys.hold_good_and_dead(alice))
    Passkey.objects.all().delete() if explicitly else vanish(alice)
    steps.begin_visit(page, alice)
    settled(page)
    assert keys.ids() == (set() if explicitly else ids)


def test_page_of_a_user_before(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User
) -> None:
    """Alice's page, open after bob signed in, signals bob's list and nothing of hers (S0.24, Y6).

    Her change reaches the browser at her next sign-in.
    """
    keys = Keys(virtual_authenticator)
    good, dead = keys.hold_good_and_dead(alice)
    bobs, bobs_dead = keys.hold_good_and_dead(bob)
    keeper, other = page.context.new_page(), page.context.new_page()
    keeper.goto(reverse("otp_passkeys:sign-in"))
    keeper.evaluate(HOLD_LOCK)
    steps.bring_session(page, alice, verified=False).goto("/")
    other.goto("/")
    steps.sign_out(other)
    steps.sign_in_with_password(other, bob)
    assert keys.ids() == {good, dead, bobs, bobs_dead}
    with steps.syncing(page):
        keeper.evaluate("window.release()")
    keys.expect(good, dead, bobs)
    settled(page)
    keys.expect(good, dead, bobs)
    assert {event for event in keys.events if event[0] == "deleted"} == {("deleted", bobs_dead)}
    steps.sign_out(other)
    with steps.syncing(page):
        steps.sign_in_with_password(page, alice)
    keys.expect(good, bobs)
