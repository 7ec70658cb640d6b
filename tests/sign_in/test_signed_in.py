"""The sign-in page of somebody who is signed in already."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.http import urlencode

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers import remembered as browser
from ..helpers.reauthentication import SECOND_FACTOR, totp_of
from ..helpers.remembered import page, post_password, remembering, selectors
from ..helpers.steps import SignedIn, csrf_secret, is_signed_in
from ..helpers.targets import HARMFUL

SIGN_IN = "/passkeys/sign-in/"


def leads_to(text: str) -> str:
    """Return where "Continue" leads."""
    [target] = re.findall(r'href="([^"]*)">Continue</a>', text)
    return str(target)


@pytest.mark.parametrize("query", [{}, {"other": "1"}, {"account": ""}])
def test_says_who(alice: User, bob: User, query: dict[str, str]) -> None:
    """S4.16: no form, and nobody else is offered: alice goes on, or signs out by a button."""
    client = remembering(bob)
    if "account" in query:
        [query["account"]] = selectors(client)
    browser.sign_in_by_password(client, alice)
    text = page(client, **query, next="/tagged/")
    assert "You’re signed in as <bdi>alice</bdi></h1>" in text
    assert leads_to(text) == "/tagged/"
    assert 'type="password"' not in text
    assert "otp-passkey-sign-in" not in text
    assert "bob" not in text
    assert '<form class="otp-passkeys-footer" method="post" action="/passkeys/sign-in/">' in text


@pytest.mark.parametrize("target", HARMFUL)
def test_forged_next(alice: User, signed_in: SignedIn, settings: Any, target: str) -> None:
    """T17: neither button leads to another site."""
    settings.LOGIN_REDIRECT_URL = "/home/"
    client = signed_in(alice)
    assert leads_to(page(client, next=target)) == "/home/"
    response = post_password(client, switch="1", next=target)
    assert response.headers["Location"] == f"{SIGN_IN}?other=1"


def test_switches(alice: User, bob: User) -> None:
    """S4.14, S4.19: alice signs out, which is a POST, and bob goes on where she was sent from."""
    client = Client()
    browser.sign_in_by_password(client, alice)
    page(client, switch="1")
    assert is_signed_in(client)
    response = post_password(client, switch="1", next="/tagged/")
    assert response.headers["Location"] == f"{SIGN_IN}?other=1&next=%2Ftagged%2F"
    assert not is_signed_in(client)
    assert 'name="username"' in client.get(response.headers["Location"]).content.decode()
    response = browser.sign_in_by_password(client, bob, next="/tagged/")
    assert response.headers["Location"] == "/tagged/"
    assert client.session["_auth_user_id"] == str(bob.pk)
    assert browser.names(copy_signed_out(client)) == ["bob", "alice"]


def copy_signed_out(client: Client) -> Client:
    """Return the browser after its session has ended."""
    browser.end_session(client)
    return client


def test_switch_needs_the_token(alice: User, signed_in: SignedIn) -> None:
    """T15, P3: another site's page signs nobody out."""
    client = signed_in(alice, enforce_csrf_checks=True)
    assert client.post(SIGN_IN, {"switch": "1"}).status_code == 403
    assert is_signed_in(client)
    client.get(SIGN_IN)
    token = {"csrfmiddlewaretoken": csrf_secret(client)}
    assert client.post(SIGN_IN, {"switch": "1", **token}).status_code == 302
    assert not is_signed_in(client)


def test_switch_of_a_visitor(db: None, client: Client) -> None:
    """S4.14: where the session has ended meanwhile, the form is there all the same."""
    response = post_password(client, switch="1")
    assert response.headers["Location"] == f"{SIGN_IN}?other=1"


def test_nobody_takes_the_place_of_another(alice: User, bob: User) -> None:
    """T22: a page that was open before signs bob in over alice as little; she stays, and reads that she does."""
    client = Client()
    browser.sign_in_by_password(client, alice)
    key = client.session.session_key
    response = post_password(client, username="bob", password=PASSWORD, next="/tagged/")
    assert response.headers["Location"] == f"{SIGN_IN}?next=%2Ftagged%2F"
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert client.session.session_key == key
    wrong = post_password(client, username="bob", password="wrong")
    assert wrong.status_code == 200
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.each_set
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("factor", ["none", "code", "passkey", "verified"])
def test_leads_to_the_second_factor(
    alice: User, signed_in: SignedIn, request: pytest.FixtureRequest, factor: str, sent: bool
) -> None:
    """T23: a page that demands a second factor may have sent alice here, and would again: it is asked for first."""
    if factor == "code":
        totp_of(alice)
    if factor in {"passkey", "verified"}:
        passkey: Passkey = request.getfixturevalue("passkey")
        assert passkey.user == alice
    client = signed_in(alice, verified=factor == "verified")
    target = leads_to(page(client, **({"next": "/tagged/"} if sent else {})))
    if sent and factor in {"code", "passkey"}:
        assert target == f"{SECOND_FACTOR}?{urlencode({'next': '/tagged/'})}"
    else:
        assert target == ("/tagged/" if sent else "/")


@pytest.mark.database_sessions
@pytest.mark.django_db(transaction=True)
def test_asks_the_database_little(count: Any, browser: Client) -> None:
    """A visit that nothing demands costs the session and the user."""
    with count(statements=2, commits=0):
        page(browser)
