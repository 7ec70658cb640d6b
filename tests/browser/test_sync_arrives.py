"""Changes that were made without a request of the user reach the browser, and in which browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route

from otp_passkeys.models import Passkey
from otp_passkeys.sync import MAX_AGE, SYNCED_AT

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from . import steps
from .button import PAGE, serve_button
from .chromium import VirtualAuthenticator, until
from .quiet import hurry, settled
from .steps_reauthentication import session_of
from .test_sync_answers import Keys, is_flagged
from .test_sync_not_lost import raise_flag

pytestmark = pytest.mark.browser

# A get() that waits for the user, as the autofill of the site's own login form does.
CONDITIONAL_GET = """() => {
  window.controller = new AbortController();
  navigator.credentials.get({
    mediation: "conditional",
    signal: controller.signal,
    publicKey: { challenge: new Uint8Array(32), rpId: "localhost" },
  }).catch(() => {});
}"""


def shell_deletes(user: User, passkey: Passkey) -> None:
    """Delete a passkey with a query."""
    Passkey.objects.filter(pk=passkey.pk).delete()


def shell_renames(user: User, passkey: Passkey) -> None:
    """Rename the user with a query."""
    User.objects.filter(pk=user.pk).update(username="alice2", last_name="Abbot")


def admin_deletes(user: User, passkey: Passkey) -> None:
    """Delete a passkey in the admin, on another device."""
    client = Client()
    client.force_login(
        User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend"
    )
    url = reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk])
    assert client.post(url, {"post": "yes"}).status_code == 302


def sign_in_again(page: Page) -> None:
    """Sign out and in again, with the password."""
    steps.sign_out(page)
    steps.sign_in_with_password(page, User.objects.get(username__startswith="alice"))


# Sends the form of the sign-in page, as a tab that was opened before the user signed in does.
OLD_FORM = """async ([address, fields]) => {
  const { value } = document.querySelector("[name=csrfmiddlewaretoken]");
  await fetch(address, { method: "POST", body: new URLSearchParams({ ...fields, csrfmiddlewaretoken: value }) });
}"""


def sign_in_on_top(page: Page) -> None:
    """Sign in again without signing out, which keeps the session and what it knows of syncs."""
    user = User.objects.get(username__startswith="alice")
    fields = {"username": user.username, "password": PASSWORD}
    page.goto("/")
    page.evaluate(OLD_FORM, [reverse("otp_passkeys:sign-in"), fields])
    page.goto("/")


def an_hour_passes(page: Page) -> None:
    """Open a page when the session's last sync is an hour old."""
    session = session_of(page)
    session[SYNCED_AT] -= MAX_AGE + 1
    session.save()
    page.goto("/")


REACHES = [sign_in_again, sign_in_on_top, steps.open_panel, an_hour_passes]


@pytest.mark.parametrize("reach", REACHES)
@pytest.mark.parametrize("change", [shell_deletes, shell_renames, admin_deletes])
def test_change_without_a_request(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    alice: User,
    change: Callable[[User, Passkey], None],
    reach: Callable[[Page], None],
) -> None:
    """It comes with the next sign-in, the panel, or any page after an hour, and not before (S0.6, S0.23, Y11)."""
    held = virtual_authenticator
    held.set_presence(False)
    passkey, credential = steps.passkey_from_elsewhere(alice)
    steps.passkey_from_elsewhere(alice)  # the account keeps one
    held.hold(credential)
    steps.begin_visit(page, alice, verified=False)
    settled(page)  # the authenticator tells of the signals when it has heeded them
    before, events = held.credentials(), list(held.events)
    change(alice, passkey)
    page.goto("/")
    settled(page)
    assert held.credentials() == before
    assert held.events == events
    with steps.syncing(page):
        reach(page)
    if change is shell_renames:
        held.until(
            lambda all_held: (
                [(one.user_name, one.display_name) for one in all_held]
                == [("alice2", "Alice Abbot")]
            ),
            what="the new names",
        )
    else:
        held.until(lambda all_held: all_held == [], what="no deleted passkey")
    steps.expect_synced(page)


def test_signal_waits_for_a_get(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """A signal that fails because a get() is pending runs when that has ended (S0.13)."""
    keys = Keys(virtual_authenticator)
    stored_passkey(alice, rp_id="localhost")  # without any, there is nothing to refresh
    steps.bring_session(page, alice)
    page.clock.install()
    with steps.syncing(page):
        steps.open_panel(page)
    good, dead = keys.hold_good_and_dead(alice)
    raise_flag(page)
    asked = watch_syncs(page)
    page.evaluate(CONDITIONAL_GET)
    page.get_by_role("button", name="Refresh the list").click()
    hurry(page, lambda: asked == ["GET", "GET"], what="the second try")
    settled(page)
    assert keys.ids() == {good, dead}
    assert is_flagged(page)
    assert "POST" not in asked
    page.evaluate("controller.abort()")
    hurry(page, lambda: "POST" in asked, what="the next try")
    keys.expect(good)
    steps.expect_synced(page)


def test_sync_beside_autofill(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, settings: Any
) -> None:
    """On a page of the site whose autofill waits, nothing is reported; the next page syncs (S0.10, S0.13)."""
    serve_button(settings)
    scripts: list[Route] = []
    keys = Keys(virtual_authenticator)
    good, dead = keys.hold_good_and_dead(alice)
    steps.bring_session(page, alice, in_step=True)
    page.clock.install()
    page.goto("/")
    raise_flag(page)
    asked = watch_syncs(page)
    # The script comes when autofill is waiting.
    page.route("**/sync.js", lambda route: scripts.append(route))
    page.goto(PAGE, wait_until="commit")
    until(page, lambda: virtual_authenticator.asked[-1:] == ["conditional"], what="autofill")
    until(page, lambda: bool(scripts), what="the script")
    settled(page, held=1)
    scripts[0].continue_()
    hurry(page, lambda: asked == ["GET", "GET"], what="the second try")
    assert keys.ids() == {good, dead}
    assert is_flagged(page)
    page.unroute("**/sync.js")
    with steps.syncing(page):
        page.goto("/")
    keys.expect(good)
    steps.expect_synced(page)


def watch_syncs(page: Page) -> list[str]:
    """Collect the methods of what the page's syncs ask."""
    asked: list[str] = []
    url = reverse("otp_passkeys:sync")
    page.on("request", lambda one: asked.append(one.method) if url in one.url else None)
    return asked


@pytest.mark.parametrize("missing", ["signalAllAcceptedCredentials", "signalCurrentUserDetails"])
def test_one_method_missing(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, missing: str
) -> None:
    """A method that is missing does not stop the other (S0.13, S0.17, Y8)."""
    keys = Keys(virtual_authenticator)
    good, dead = keys.hold_good_and_dead(alice)
    shell_renames(alice, Passkey.objects.get())
    alice.refresh_from_db()
    page.add_init_script(f"delete PublicKeyCredential['{missing}'];")
    steps.begin_visit(page, alice)
    keys.expect(good, *([dead] if missing == "signalAllAcceptedCredentials" else []))
    settled(page)
    [held] = virtual_authenticator.credentials()
    assert held.user_name == ("alice" if missing == "signalCurrentUserDetails" else "alice2")


WITHOUT = {
    "signal methods": """
        for (const name of Object.getOwnPropertyNames(PublicKeyCredential))
          if (name.startsWith("signal")) delete PublicKeyCredential[name];""",
    "PublicKeyCredential": "delete window.PublicKeyCredential;",
}


@pytest.mark.parametrize("script", WITHOUT.values(), ids=WITHOUT)
def test_browser_without(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, script: str
) -> None:
    """A browser without the methods, or without passkeys, reports as well; the flag goes (S0.17)."""
    keys = Keys(virtual_authenticator)
    ids = set(keys.hold_good_and_dead(alice))
    page.add_init_script(script)
    asked = watch_syncs(page)
    steps.begin_visit(page, alice)
    assert asked == ["GET", "POST"]
    assert keys.ids() == ids
