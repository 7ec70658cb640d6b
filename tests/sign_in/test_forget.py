"""Forgetting an account: removed from the list, or when signing out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.remembered import COOKIE

from ..helpers import remembered as browser
from ..helpers.remembered import (
    names,
    page,
    remembering,
    selectors,
    sign_in_by_password,
    signed_in_by_password,
)
from ..helpers.steps import is_signed_in
from ..helpers.sync import fetch, report

FORGET = "/passkeys/sign-in/forget/"
REMOVED = "The account was removed from this device. You can sign in with it again at any time."


def test_removes(alice: User, bob: User, eve: User) -> None:
    """A removed entry is gone from the cookie, the others stay, and `next` is kept (S4.15)."""
    client = remembering(alice, bob, eve)
    selector = selectors(client)[1]
    response = client.post(FORGET, {"account": selector, "next": "/tagged/?a=1&b=2"})
    assert response.status_code == 302
    there = "/passkeys/sign-in/?removed=1&next=%2Ftagged%2F%3Fa%3D1%26b%3D2"
    assert response.headers["Location"] == there
    assert names(client) == ["eve", "alice"]
    assert REMOVED in client.get(there).content.decode()
    assert REMOVED not in page(client)
    assert [pk for pk, *_ in browser.content(client)[3]] == [str(eve.pk), str(alice.pk)]


def test_removes_the_last(alice: User) -> None:
    """Without accounts there is no cookie (S4.15)."""
    client = remembering(alice)
    response = client.post(FORGET, {"account": selectors(client)[0]})
    assert response.headers["Location"] == "/passkeys/sign-in/?removed=1"
    assert response.cookies[COOKIE]["max-age"] == 0
    assert response.cookies[COOKIE].value == ""
    assert names(client) == []
    text = page(client, removed="1")
    assert REMOVED in text
    assert 'name="username"' in text


def test_removed_is_not_brought_back(alice: User, bob: User) -> None:
    """Who is removed while signed in stays removed until the next sign-in (S4.15)."""
    client = remembering(alice, bob)
    selector = selectors(client)[1]
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    client.post(FORGET, {"account": selector})
    assert report(client, fetch(client)["token"]) == 204
    browser.end_session(client)
    assert names(client) == ["bob"]


@pytest.mark.parametrize("selector", ["x", "", "alice", "ü", "A" * 22])
def test_unknown_selector_is_answered_alike(alice: User, selector: str) -> None:
    """A selector that names nobody changes nothing, and the answer is the same (S4.18)."""
    client = remembering(alice)
    other = selectors(remembering(alice))[0]
    for one in (selector, other):
        response = client.post(FORGET, {"account": one})
        assert (response.status_code, response.headers["Location"]) == (302, "/passkeys/sign-in/")
        assert COOKIE not in response.cookies
    assert names(client) == ["alice"]


def test_signs_out_and_forgets(alice: User, bob: User) -> None:
    """Signing out can forget the account too, and no other (S4.15)."""
    client = remembering(bob)
    sign_in_by_password(client, alice)
    response = client.post(FORGET, {"sign_out": "1"})
    assert response.headers["Location"] == "/"
    assert not is_signed_in(client)
    assert names(client) == ["bob"]


def test_signs_out_to_the_sign_in_page(alice: User, settings: Any) -> None:
    """Where the site has no page for it, the sign-in page is next (S4.15)."""
    settings.LOGOUT_REDIRECT_URL = None
    client = signed_in_by_password(alice)
    assert client.post(FORGET, {"sign_out": "1"}).headers["Location"] == "/passkeys/sign-in/"
    assert not is_signed_in(client)
    assert names(client) == []


def test_visitor_cannot_sign_out(alice: User) -> None:
    """Without a session nothing is forgotten (S4.15)."""
    client = remembering(alice)
    assert client.post(FORGET, {"sign_out": "1"}).headers["Location"] == "/passkeys/sign-in/"
    assert names(client) == ["alice"]


@pytest.mark.parametrize("query", [{"sign_out": "1"}, {"account": ""}])
def test_get_changes_nothing(alice: User, query: dict[str, str]) -> None:
    """GET is refused (T25)."""
    client = remembering(alice)
    query = query | ({"account": selectors(client)[0]} if "account" in query else {})
    sign_in_by_password(client, alice)
    response = client.get(FORGET, query)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST, OPTIONS"
    assert is_signed_in(client)
    browser.end_session(client)
    assert names(client) == ["alice"]


def test_asks_for_the_token(alice: User) -> None:
    """Another site cannot sign anybody out, or make a browser forget (P3)."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert client.post(FORGET, {"sign_out": "1"}).status_code == 403
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\x00"]
)
def test_leads_nowhere_else(alice: User, target: str) -> None:
    """A forged `next` is dropped (T17)."""
    response = remembering(alice).post(FORGET, {"account": "x", "next": target})
    assert response.headers["Location"] == "/passkeys/sign-in/?next=%2F"


def test_takes_json(alice: User) -> None:
    """Bodies that hold no text are refused as anywhere, and none is an error of the server (T12)."""
    client = remembering(alice)
    for body, status in (({"account": 1}, 400), ({"next": "/\ud800"}, 302), ({}, 302)):
        response = client.post(FORGET, body, content_type="application/json")
        assert response.status_code == status
    assert names(client) == ["alice"]
