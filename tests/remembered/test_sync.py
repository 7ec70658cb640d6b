"""Accounts that signed in elsewhere are remembered by the answer to the sync's report."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.remembered import COOKIE

from ..helpers import remembered as browser
from ..helpers.remembered import names, signed_in_by_password
from ..helpers.steps import SignedIn, post
from ..helpers.sync import fetch, report, settle


def test_is_remembered_once(alice: User, signed_in: SignedIn) -> None:
    """One sign-in sets the cookie once, however often the browser syncs (S4.12)."""
    client = signed_in(alice)
    assert COOKIE not in client.cookies
    settle(client)
    first = browser.value(client)
    assert first
    del client.cookies[COOKIE]
    assert report(client, fetch(client)["token"]) == 204
    assert COOKIE not in client.cookies


def test_ready_view_needs_no_sync(alice: User) -> None:
    """What the ready page has set, the sync does not set again (S4.12)."""
    client = signed_in_by_password(alice)
    del client.cookies[COOKIE]
    settle(client)
    assert COOKIE not in client.cookies


def test_new_password_is_remembered(alice: User, signed_in: SignedIn) -> None:
    """Who changes the password here is remembered with the new one at the next sync (S4.12)."""
    client = signed_in(alice)
    settle(client)
    alice.set_password("another")
    alice.save()
    session = client.session
    session["_auth_user_hash"] = alice.get_session_auth_hash()
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    assert report(client, fetch(client)["token"]) == 204
    browser.end_session(client)
    assert names(client) == ["alice"]


@pytest.mark.parametrize("key", ["hijack_history", "loginas_from_user", "_impersonate"])
def test_not_while_impersonating(key: str, browser: Client) -> None:
    """Whoever looks at the site as alice has not alice's browser (S4.12, P13)."""
    token = fetch(browser)["token"]
    session = browser.session
    session[key] = ["1"]
    session.save()
    browser.cookies["sessionid"] = session.session_key or ""
    assert report(browser, token) == 403
    assert COOKIE not in browser.cookies


def test_visitor_gets_nothing(client: Client, db: None) -> None:
    """A report without a session sets nothing (S4.12)."""
    assert post(client, "sync", {"token": ""}).status_code == 401
    assert COOKIE not in client.cookies
