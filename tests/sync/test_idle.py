"""What the tag costs a page where no sync is due, and where one is: no write, and no query of its own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import include, path

from ..helpers.steps import SignedIn
from ..helpers.sync import is_flagged, settle

LOAD = "{% load otp_passkeys %}before,"
TAG = "{% render_otp_webauthn_sync_signals_scripts %}"
GREETING = "{{ user.username }},"


def page(source: str) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view of a template's source."""
    return lambda request: HttpResponse(engines["django"].from_string(source).render({}, request))


def cart(request: HttpRequest) -> HttpResponse:
    """Begin a session for a visitor, as a shop does."""
    request.session["cart"] = [1]
    return HttpResponse()


urlpatterns = [
    path("", include("tests.urls")),
    path("tag/", page(f"{LOAD}{TAG}after")),
    path("greeting/", page(f"{LOAD}{GREETING}after")),
    path("greeting-and-tag/", page(f"{LOAD}{GREETING}{TAG}after")),
    path("cart/", cart),
]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def read(answer: Any) -> set[str]:
    """Say what a page has read of its request."""
    request = answer.wsgi_request
    found = {
        "session": request.session.accessed,
        "store": hasattr(request.session, "_session_cache"),
        "user": hasattr(request, "_cached_user"),
    }
    return {name for name, is_read in found.items() if is_read}


def test_reading_is_noticed(alice: User, signed_in: SignedIn) -> None:
    """A page that greets its user has read all three, or what is not read below would prove nothing."""
    assert read(signed_in(alice).get("/greeting/")) == {"session", "store", "user"}


def test_visitor(client: Client, count: Callable[..., Any]) -> None:
    """S0.4: without a session cookie no byte, no query, no session, no user, no `Vary`, no cookie."""
    with count(statements=0):
        answer = client.get("/tag/")
    assert answer.content == b"before,after"
    assert read(answer) == set()
    assert not answer.has_header("Vary")
    assert not answer.cookies


@pytest.mark.database_sessions
def test_visitor_with_a_session(client: Client, count: Callable[..., Any]) -> None:
    """S0.3, S0.4: for a visitor with a cart no byte, no write, and no query but that of the session."""
    client.get("/cart/")
    with count(statements=1):
        answer = client.get("/tag/")
    assert answer.content == b"before,after"
    assert "user" not in read(answer)
    assert not answer.wsgi_request.session.modified
    assert not answer.cookies


@pytest.mark.server_sessions
def test_visitor_with_a_foreign_cookie(client: Client) -> None:
    """S0.4: a session cookie that stands for no session adds no byte, and begins none."""
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/tag/")
    assert answer.content == b"before,after"
    assert not answer.wsgi_request.session.modified
    assert "user" not in read(answer)


@pytest.mark.database_sessions
def test_nothing_due(alice: User, signed_in: SignedIn, count: Callable[..., Any]) -> None:
    """S0.3: with nothing due no byte, no write, no user, and no query but that of the session."""
    client = signed_in(alice)
    settle(client)
    with count(statements=1):
        answer = client.get("/tag/")
    assert answer.content == b"before,after"
    assert read(answer) == {"session", "store"}
    assert not answer.wsgi_request.session.modified
    assert not answer.cookies


@pytest.mark.database_sessions
@pytest.mark.parametrize("due", [True, False])
def test_adds_no_query(
    alice: User, signed_in: SignedIn, count: Callable[..., Any], due: bool
) -> None:
    """S0.3, Y11: on a page that knows its user the tag adds no query, whether a sync is due or not."""
    client = signed_in(alice)
    if not due:
        settle(client)
    with count() as without:
        client.get("/greeting/")
    with count() as with_tag:
        answer = client.get("/greeting-and-tag/")
    assert with_tag.statements == without.statements
    assert (b"otp-passkey-sync" in answer.content) is due


def test_due(alice: User, signed_in: SignedIn) -> None:
    """S0.5, S0.10: rendering the script writes nothing to the session and sets no cookie."""
    client = signed_in(alice)
    answer = client.get("/tag/")
    assert b"otp-passkey-sync" in answer.content
    assert "user" not in read(answer)
    assert not answer.wsgi_request.session.modified
    assert not answer.cookies
    assert is_flagged(client)
