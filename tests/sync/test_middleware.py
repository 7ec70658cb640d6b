"""SyncedMiddleware: where nothing is due, a page with the tag reads no session, and no note hides what is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import include, path

from otp_passkeys.sync import MAX_AGE, request_user_details_sync
from otp_passkeys.synced_cookie import COOKIE

from ..conftest import PASSWORD
from ..helpers.docs import code_block
from ..helpers.steps import SignedIn
from ..helpers.sync import settle

PAGE = "{% load otp_passkeys %}before,{% render_otp_webauthn_sync_signals_scripts %}after"


def page(request: HttpRequest) -> HttpResponse:
    """Render a page that shows no user."""
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


def change(request: HttpRequest) -> HttpResponse:
    """Change a detail of the user, as the profile of a site does."""
    request_user_details_sync(request)
    return HttpResponse()


urlpatterns = [
    path("", include("tests.urls")),
    path("page/", page),
    path("change/", change),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _middleware(settings: Any) -> None:
    """Begin with the middleware that the how-to begins with."""
    names: dict[str, Any] = {}
    exec(code_block("how-to/sync", "python", "SyncedMiddleware"), names)
    settings.MIDDLEWARE = list(dict.fromkeys([*names["MIDDLEWARE"], *settings.MIDDLEWARE]))


@pytest.fixture
def synced(alice: User, signed_in: SignedIn) -> Client:
    """Return a browser that has synced."""
    client = signed_in(alice)
    settle(client)
    return client


def syncs(client: Client) -> bool:
    """Say whether a page of a browser carries the script."""
    return b"<otp-passkey-sync" in client.get("/page/").content


def test_reads_no_session(synced: Client, count: Callable[..., Any]) -> None:
    """Where nothing is due there is no query, and nothing varies by the cookie."""
    with count(statements=0):
        shown = synced.get("/page/")
    assert shown.content == b"before,after"
    assert not shown.wsgi_request.session.accessed
    assert not shown.has_header("Vary")
    assert not shown.cookies


def test_cookie_is_as_safe_as_that_of_the_session(
    alice: User, signed_in: SignedIn, settings: Any
) -> None:
    """It says nothing to scripts, and goes where the cookie of the session goes."""
    settings.SESSION_COOKIE_PATH = "/"
    settings.SESSION_COOKIE_SECURE = True
    client = signed_in(alice)
    settle(client)
    note = client.cookies[COOKIE]
    assert (note["httponly"], note["secure"], note["samesite"]) == (True, True, "Lax")
    assert note["max-age"] == MAX_AGE


def test_note_stands(synced: Client) -> None:
    """A page that reads the session writes no new note where nothing has changed."""
    assert COOKIE not in synced.get("/passkeys/").cookies
    assert not syncs(synced)


def test_what_is_raised_ends_the_note(synced: Client) -> None:
    """A change of the user's details is signalled on the next page."""
    assert not syncs(synced)
    synced.get("/change/")
    assert syncs(synced)
    settle(synced)
    assert not syncs(synced)


def test_sign_in_ends_the_note_where_its_answer_is_lost(synced: Client) -> None:
    """S0.6: a note belongs to one session key, so one that stayed in the browser hides no sign-in."""
    note = synced.cookies[COOKIE].value
    fields = {"username": "alice", "password": PASSWORD}
    assert synced.post("/passkeys/sign-in/", fields).status_code == 302
    assert syncs(synced)
    synced.cookies[COOKIE] = note
    assert syncs(synced)


def test_note_of_another_session(synced: Client, bob: User, signed_in: SignedIn) -> None:
    """One browser's note says nothing of another."""
    other = signed_in(bob)
    other.cookies[COOKIE] = synced.cookies[COOKIE].value
    assert syncs(other)


@pytest.mark.parametrize("value", ["", "1", f"{2**60}", f"{2**60}:x", "\x00:"])
def test_forged_note(synced: Client, value: str) -> None:
    """What the site has not signed is no note."""
    synced.get("/change/")
    synced.cookies[COOKIE] = value
    assert syncs(synced)


def test_hour(synced: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note is as old as the sync, whatever the browser keeps."""
    later = time.time() + MAX_AGE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert syncs(synced)


def test_note_is_signed_with_its_session_alone(synced: Client) -> None:
    """What the site signs elsewhere is no note."""
    synced.get("/change/")
    synced.cookies[COOKIE] = signing.Signer().sign(str(int(time.time())))
    assert syncs(synced)


def test_visitor(client: Client, count: Callable[..., Any]) -> None:
    """S0.4: a visitor gets no cookie, and costs nothing."""
    with count(statements=0):
        shown = client.get("/page/")
    assert not shown.cookies
    assert not shown.wsgi_request.session.accessed


def test_note_of_nobody_is_taken_back(client: Client) -> None:
    """A note that outlived its session goes once a page reads the session."""
    client.cookies[COOKIE] = "1:x"
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/passkeys/")
    assert answer.cookies[COOKIE]["max-age"] == 0
