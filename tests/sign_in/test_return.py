"""An expired session returns to the page that it interrupted, for the same user only (S4.19)."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client

from otp_passkeys.testing import Authenticator, sign_in

from ..helpers import remembered as browser
from ..helpers.remembered import (
    remembering,
    selectors,
    sign_in_as,
    sign_in_by_password,
    signed_in_by_password,
)
from ..helpers.steps import SignedIn, ask, post
from ..helpers.sync import settle

PAGE = "/passkeys/?asked=1"
HOME = "/"


def by_password(client: Client, user: User) -> str:
    """Sign in on the form for any account, and return where it leads."""
    return str(sign_in_by_password(client, user, next=PAGE).headers["Location"])


@pytest.mark.usefixtures("passkey")
def test_same_user_returns(alice: User, bob: User, authenticator: Authenticator) -> None:
    """Alice comes back to where her session ended, by password or passkey (S4.19)."""
    assert by_password(remembering(bob, alice), alice) == PAGE
    client = remembering(bob, alice)
    assert sign_in(client, authenticator, next=PAGE).json() == {"redirect_url": PAGE}
    client = remembering(alice)
    [selector] = selectors(client)
    posted = browser.post_password(client, account=selector, password="wrong", next=PAGE)
    assert f'value="{PAGE}"' in posted.content.decode()


@pytest.mark.usefixtures("passkey")
def test_another_user_does_not(alice: User, bob: User, bobs: Authenticator) -> None:
    """Bob does not land on alice's page, by password, passkey or "Sign in as" (S4.19)."""
    assert by_password(remembering(bob, alice), bob) == HOME
    assert sign_in(remembering(alice), bobs, next=PAGE).json() == {"redirect_url": HOME}
    client = remembering(bob, alice)
    selector = selectors(client)[1]
    assert sign_in_as(client, selector, bobs).json() == {"redirect_url": HOME}
    client = remembering(bob, alice)
    credential = bobs.get(ask(client, "authenticate-options"))
    body = {"credential": credential, "next": PAGE}
    assert post(client, "authenticate", body).json() == {"redirect_url": HOME}
    client = remembering(bob, alice)
    fields = {"account": selectors(client)[1], "password": "correct horse battery staple"}
    response = browser.post_password(client, **fields, next=PAGE)
    assert response.headers["Location"] == HOME


def test_whoever_was_active_last_counts(alice: User, bob: User) -> None:
    """It is the last one that was signed in here who returns (S4.19)."""
    client = remembering(alice, bob)
    assert by_password(client, alice) == HOME
    browser.end_session(client)
    assert by_password(client, alice) == PAGE


def test_nobody_was_active(alice: User, bob: User) -> None:
    """In a browser that remembers nobody, or whose last account signed out, anybody goes on (S4.19)."""
    assert by_password(Client(), bob) == PAGE
    client = signed_in_by_password(alice)
    client.post("/passkeys/sign-in/forget/", {"sign_out": "1"})
    assert by_password(client, bob) == PAGE


def test_whoever_left_is_no_longer_active(alice: User, bob: User, eve: User) -> None:
    """Who signed out or was removed is not active, nor is whoever is next on the list (S4.19)."""
    client = remembering(bob, alice)
    client.post("/passkeys/sign-in/forget/", {"account": selectors(client)[0]})
    assert by_password(client, eve) == PAGE
    client = remembering(bob)
    sign_in_by_password(client, alice)
    client.post("/passkeys/sign-in/forget/", {"sign_out": "1"})
    assert by_password(client, eve) == PAGE
    client = remembering(bob, alice)
    client.post("/passkeys/sign-in/forget/", {"account": selectors(client)[1]})
    assert by_password(client, eve) == HOME


def test_sync_says_who_is_active(alice: User, bob: User, signed_in: SignedIn) -> None:
    """Who signs in by the site's own view is active from the next sync on (S4.19)."""
    client = remembering(alice)
    client.force_login(bob, "django.contrib.auth.backends.ModelBackend")
    settle(client)
    browser.end_session(client)
    assert by_password(client, alice) == HOME


def test_void_entry_still_counts(alice: User, bob: User) -> None:
    """Alice with a new password is still alice: she returns, and bob does not (S4.19)."""
    clients = [remembering(bob, alice), remembering(bob, alice)]
    alice.set_password("correct horse battery staple")
    alice.save()
    assert [by_password(clients[0], alice), by_password(clients[1], bob)] == [PAGE, HOME]


def test_off_is_as_django_does(alice: User, bob: User, settings: Any) -> None:
    """Without remembered accounts `next` is honoured for all (S4.19)."""
    client = remembering(alice)
    settings.OTP_PASSKEYS_REMEMBER_ACCOUNTS = False
    assert by_password(client, bob) == PAGE


@pytest.mark.usefixtures("passkey")
def test_confirmation_goes_on(alice: User, bob: User, authenticator: Authenticator) -> None:
    """In a session the page asked for is the session's own (S4.10)."""
    client = remembering(bob)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["otp_passkeys_unsent"] = PAGE
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    response = sign_in(client, authenticator, next=PAGE)
    assert response.json() == {"redirect_url": PAGE}
    [message] = get_messages(response.wsgi_request)
    assert "Nothing has been changed yet" in str(message)
