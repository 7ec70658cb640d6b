"""What a user does on the example site, step by step; its selectors live here and nowhere else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from playwright.sync_api import Locator, Page, Route, expect

from otp_passkeys.models import Passkey
from otp_passkeys.sync import FLAG, report
from otp_passkeys.testing import ES256, Authenticator, Credential, register

from ..conftest import PASSWORD
from ..helpers.steps import verify as verify_session
from .chromium import VirtualAuthenticator, until
from .quiet import settled

# Where passkeys are made that come from elsewhere: they are for this host, whatever the port of the live server.
ORIGIN = "http://localhost:8000"
NO_AAGUID = "00000000-0000-0000-0000-000000000000"


def any_account() -> str:
    """Return the address of the sign-in form, also for a browser that remembers accounts."""
    return reverse("otp_passkeys:sign-in") + "?other=1"


def fill_in_password(page: Page, user: User) -> None:
    """Sign in with the password, on the sign-in page that is open."""
    page.get_by_label("Username").fill(user.get_username())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in_with_password(page: Page, user: User) -> None:
    """Open the sign-in page for any account and sign in with the password."""
    page.goto(any_account())
    fill_in_password(page, user)
    expect_signed_in(page, user)


def press_passkey_button(page: Page) -> None:
    """Press the passkey button of the sign-in page that is open."""
    page.get_by_role("button", name="Sign in with a passkey").click()


def sign_in_with_passkey(page: Page, authenticator: VirtualAuthenticator, user: User) -> None:
    """Press the passkey button of the page that is open, and let the authenticator answer."""
    authenticator.set_presence(True)
    press_passkey_button(page)
    expect_signed_in(page, user, passkey=True)


def expect_signed_in(page: Page, user: User, *, passkey: bool = False) -> None:
    """Expect the greeting of the home page, which says who is signed in and how."""
    how = " with a passkey." if passkey else "."
    expect(page.get_by_text("You are signed in as")).to_have_text(
        f"You are signed in as {user.get_username()}{how}"
    )


def sign_out(page: Page) -> None:
    """Sign out by the button in the site's header."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def open_panel(page: Page) -> None:
    """Open the list of passkeys in the settings."""
    page.goto(reverse("otp_passkeys:list"))


def add_passkey(page: Page) -> None:
    """Press the button that adds a passkey, in the panel that is open."""
    page.get_by_role("button", name="Add a passkey").click()


def rows(page: Page) -> Locator:
    """Find the rows of the panel."""
    return page.locator("[data-list] [data-id]")


def row(page: Page, credential_id: str) -> Locator:
    """Find the row of the passkey with a credential ID, base64url."""
    return page.locator(f'[data-list] [data-id="{credential_id}"]')


def expect_icon(row: Locator) -> None:
    """Expect an icon in a row, and that the browser could read it."""
    icon = row.locator("img:visible").first
    expect(icon).to_be_visible()
    expect(icon).to_have_js_property("complete", True)
    assert icon.evaluate("(image) => image.naturalWidth") > 0


def keep_name(page: Page) -> None:
    """Close the form that a row names its passkey with, if it is open."""
    keep = page.locator("[data-keep]")
    if keep.is_visible():
        keep.click()


def rename(row: Locator, nickname: str) -> None:
    """Rename the passkey in a row of the panel: in the row, or without JavaScript on the next page."""
    page = row.page
    keep_name(page)
    row.locator("[data-rename]").click()
    page.get_by_label("Name", exact=True).fill(nickname)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name", exact=True)).to_have_count(0)
    expect(rows(page).first).to_be_visible()


def ask_to_delete(row: Locator) -> None:
    """Press the button that deletes the passkey in a row, and stop at the question."""
    keep_name(row.page)
    row.locator("[data-delete]").click()


def delete(row: Locator) -> None:
    """Delete the passkey in a row, and confirm it: in the dialog, or without JavaScript on the next page."""
    page = row.page
    ask_to_delete(row)
    confirm = page.get_by_role("button", name="Delete passkey", exact=True)
    confirm.click()
    expect(confirm).to_have_count(0)
    expect(page.get_by_role("heading", name="Passkeys", exact=True)).to_be_visible()


def passkey_from_elsewhere(
    user: User, *, origin: str = ORIGIN, aaguid: str = NO_AAGUID, synced: bool = True
) -> tuple[Passkey, Credential]:
    """Give `user` a passkey of another device; the virtual authenticator can sign in with it if it is not `synced`."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if first := Passkey.objects.filter(user=user).first():
        verify_session(client, first)
    authenticator = Authenticator(
        origin=origin, aaguid=aaguid, algorithms=[ES256], backup_eligible=synced
    )
    assert register(client, authenticator).status_code == 201
    [credential] = authenticator.credentials
    passkey = Passkey.objects.with_credential_id(credential.id)
    assert passkey is not None
    return passkey, credential


def give_passkey(
    user: User, authenticator: VirtualAuthenticator | None = None, *, origin: str = ORIGIN
) -> Passkey:
    """Give a user a passkey, in the browser's authenticator or on a device elsewhere."""
    passkey, credential = passkey_from_elsewhere(user, origin=origin, synced=False)
    if authenticator:
        authenticator.hold(credential)
    return passkey


def bring_session(page: Page, user: User, *, verified: bool = True, in_step: bool = False) -> Page:
    """Put into a browser the session of a user who has just signed in, without the pages that this takes.

    :param verified: whether it is verified, if there is a passkey; else it is as a password opened it.
    :param in_step: whether its first sync is over, so that no page makes one for an hour.
    """
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    first = Passkey.objects.filter(user=user, confirmed=True).first()
    if first and verified:
        verify_session(client, first)
    key = client.cookies["sessionid"].value
    if in_step:
        session = SessionStore(key)
        report(session, session[FLAG])
        session.save()
    cookie = {"name": "sessionid", "value": key, "domain": "localhost", "path": "/"}
    page.context.add_cookies([{**cookie, "httpOnly": True}])  # type: ignore[typeddict-item]
    return page


def begin_visit(page: Page, user: User, *, verified: bool = True) -> None:
    """Open the home page as a user who has just signed in, and let its sync end."""
    bring_session(page, user, verified=verified)
    with syncing(page):
        page.goto("/")


def begin_in_panel(page: Page, user: User) -> None:
    """Open the panel as a user who has just signed in, and let its sync end."""
    bring_session(page, user)
    with syncing(page):
        open_panel(page)


def open_sign_in(page: Page, authenticator: VirtualAuthenticator, *, url: str = "") -> None:
    """Open the sign-in form, also by way of a page that leads there, and wait until its autofill is ready."""
    authenticator.asked.clear()
    page.goto(url or any_account())
    different = page.get_by_role("link", name="Use a different account")
    if different.is_visible():
        different.click()
    until(page, lambda: authenticator.asked == ["conditional"], what="a conditional get()")


def verify(page: Page, user: User | None) -> None:
    """Verify the session of the browser, as if the user's first passkey had been the second factor.

    Without a user, the session is as a password opened it.
    """
    settled(page)  # a report that is under way saves the session too
    session = SessionStore(session_key(page))
    session.pop(DEVICE_ID_SESSION_KEY, None)
    if user is not None:
        session[DEVICE_ID_SESSION_KEY] = user.passkeys.earliest("pk").persistent_id
    session.save()


def session_key(page: Page) -> str:
    """Return the key of the browser's session."""
    return next(one["value"] for one in page.context.cookies() if one["name"] == "sessionid")


@contextmanager
def syncing(page: Page) -> Iterator[None]:
    """Wait for the report of the sync that the steps inside begin."""
    url = reverse("otp_passkeys:sync")
    with page.expect_response(lambda one: one.request.method == "POST" and url in one.url):
        yield


def expect_synced(page: Page) -> None:
    """Wait until the browser has reported that the sync is done, and the flag is cleared."""
    key = session_key(page)
    until(page, lambda: FLAG not in SessionStore(key).load(), what="the end of the sync")


def allow_any(route: Route) -> None:
    """Ask the browser for any passkey, as one does that ignores `allowCredentials`."""
    response = route.fetch()
    route.fulfill(response=response, body=json.dumps({**response.json(), "allowCredentials": []}))


def refuse_posts(route: Route) -> None:
    """Let no change reach the server."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.fallback()


def lose_answer(route: Route) -> None:
    """Let the server do what it is asked, and lose its answer."""
    route.fetch()
    route.abort()
