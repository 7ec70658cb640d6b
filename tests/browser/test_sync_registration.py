"""A sync and a registration at the same time, and a list for each RP ID."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import APIResponse, Page, Route, expect

from otp_passkeys.models import Passkey
from otp_passkeys.sync import FLAG

from . import steps
from .chromium import Complaints, VirtualAuthenticator, until
from .quiet import queued, settled

pytestmark = pytest.mark.browser

OPEN_FRAME = """() => {
  const frame = document.createElement("iframe");
  frame.src = "/?second";
  document.body.append(frame);
}"""

RECORD_SIGNALS = """
window.calls = [];
for (const name of ["signalAllAcceptedCredentials", "signalCurrentUserDetails"]) {
  const original = PublicKeyCredential[name];
  PublicKeyCredential[name] = async (details) => {
    const call = { ...details, method: name };
    window.calls.push(call);
    try {
      await original.call(PublicKeyCredential, details);
    } catch (error) {
      call.error = error.name;
      throw error;
    }
  };
}
"""


def make_due(page: Page) -> None:
    """Raise the flag of the browser's session, as a change in another request does."""
    session = SessionStore(steps.session_key(page))
    session[FLAG] = "due"
    session.save()


def open_second_window(page: Page) -> None:
    """Open a page that syncs in a frame: it shares the virtual authenticator, unlike a tab."""

    def allow_framing(route: Route) -> None:
        response = route.fetch()
        guards = ("x-frame-options", "content-security-policy")
        headers = {name: one for name, one in response.headers.items() if name not in guards}
        route.fulfill(response=response, headers=headers)

    page.route("**/?second", allow_framing)
    page.evaluate(OPEN_FRAME)


def wait_for_dialog(page: Page) -> None:
    """Wait until the panel is in create()."""
    script = "Boolean(document.querySelector('otp-passkey-add').controller)"
    until(page, lambda: bool(page.evaluate(script)), what="an open dialog")


def test_list_read_before_a_registration(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A registration waits for a sync whose list was read before it: it stays (S0.24, Y1)."""
    steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(page, alice)
    make_due(page)
    held: list[tuple[Route, APIResponse]] = []

    def hold_back(route: Route) -> None:
        if route.request.method == "GET" and not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route("**" + reverse("otp_passkeys:sync"), hold_back)
    open_second_window(page)
    until(page, lambda: bool(held), what="a list that is read")
    steps.add_passkey(page)
    expect(page.get_by_role("status")).to_contain_text("Follow the steps")
    queued(page, held=1)
    [(route, response)] = held
    route.fulfill(response=response)
    expect(page.get_by_text("was added. You can give it a name")).to_be_visible()
    steps.expect_synced(page)
    settled(page)
    [new] = [name for event, name in virtual_authenticator.events if event == "added"]
    assert virtual_authenticator.ids() == {new}


def test_sync_waits_for_a_dialog(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """While create() is open no list is asked for; once it is aborted, one is (S0.24, Y1)."""
    passkey, credential = steps.passkey_from_elsewhere(alice)
    steps.begin_in_panel(page, alice)
    Passkey.objects.update(rp_id="old.example")  # else create() excludes the one that is held
    virtual_authenticator.hold(credential)
    virtual_authenticator.set_presence(False)
    steps.add_passkey(page)
    wait_for_dialog(page)
    Passkey.objects.update(rp_id="localhost")
    make_due(page)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    open_second_window(page)
    queued(page)
    assert not [url for url in asked if reverse("otp_passkeys:sync") in url]
    with steps.syncing(page):
        page.evaluate("document.querySelector('otp-passkey-add').controller.abort()")
    assert virtual_authenticator.ids() == {passkey.id_base64url}


def test_closed_page_lets_the_sync_go_on(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A tab that is closed in the middle of create() does not keep others waiting (S0.24)."""
    steps.passkey_from_elsewhere(alice)  # else a page offers one
    steps.begin_in_panel(page, alice)
    virtual_authenticator.set_presence(False)
    steps.add_passkey(page)
    wait_for_dialog(page)
    assert virtual_authenticator.ids() == set()
    make_due(page)
    other = page.context.new_page()
    asked: list[str] = []
    other.on("request", lambda one: asked.append(one.url))
    other.goto("/")
    queued(other)
    assert not [url for url in asked if reverse("otp_passkeys:sync") in url]
    with steps.syncing(other):
        page.close()
    steps.expect_synced(other)


def test_each_rp_id_has_its_own_list(
    page: Page, virtual_authenticator: VirtualAuthenticator, complaints: Complaints, alice: User
) -> None:
    """A former RP ID that the browser refuses stops neither the current list nor the report (S0.11, S0.13)."""
    former, _ = steps.passkey_from_elsewhere(alice)
    Passkey.objects.filter(pk=former.pk).update(rp_id="old.example")
    current, credential = steps.passkey_from_elsewhere(alice)
    steps.bring_session(page, alice)
    virtual_authenticator.hold(credential)
    page.add_init_script(RECORD_SIGNALS)
    with steps.syncing(page):
        steps.open_panel(page)
    steps.expect_synced(page)
    calls = page.evaluate("window.calls")
    lists = [one for one in calls if one["method"] == "signalAllAcceptedCredentials"]
    assert [(one["rpId"], one["allAcceptedCredentialIds"]) for one in lists] == [
        ("localhost", [current.id_base64url]),
        ("old.example", [former.id_base64url]),
    ]
    assert {(one["rpId"], one.get("error")) for one in calls} == {
        ("localhost", None),
        ("old.example", "SecurityError"),
    }
    assert len({one["userId"] for one in calls}) == 1
    assert virtual_authenticator.ids() == {current.id_base64url}
