"""The sync where something is missing: a session, a user, a request; and where views are async."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context, Template
from django.test import AsyncClient, Client, RequestFactory
from django.urls import include, path

from otp_passkeys.models import UserHandle
from otp_passkeys.sync import (
    FLAG,
    arequest_user_details_sync,
    is_due,
    on_user_logged_in,
    request_user_details_sync,
)
from otp_passkeys.testing import Authenticator, register

from ..helpers.sync import fetch, is_flagged

BACKEND = "django.contrib.auth.backends.ModelBackend"
SYNC = "/passkeys/sync/"


class BrokenSession(SessionBase):
    """A session whose store cannot be reached."""

    def load(self) -> dict[str, Any]:
        raise ConnectionError("no store")


async def async_profile(request: HttpRequest) -> HttpResponse:
    """Ask for a sync as a site's own async view does."""
    request.auth = await request.auser()  # type: ignore[attr-defined]  # as REST frameworks note it
    await arequest_user_details_sync(request)
    return HttpResponse()


async def async_page(request: HttpRequest) -> HttpResponse:
    """Render a page with the tag where the session cannot be read synchronously."""
    return render(request, "tagged.html")


urlpatterns = [
    path("", include("tests.urls")),
    path("async-profile/", async_profile),
    path("async-page/", async_page),
]
pytestmark = pytest.mark.urls(__name__)


def request_with(**attributes: Any) -> HttpRequest:
    """Return a request of a browser that has a session cookie."""
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = "x"
    vars(request).update(attributes)
    return request


def test_anonymous(client: Client, db: None) -> None:
    """S0.4, S1.12: a visitor's browser is told nothing, and may report nothing."""
    answer = client.get(SYNC)
    assert (answer.status_code, answer.content) == (204, b"")
    report = client.post(SYNC, {"token": "x"}, content_type="application/json")
    assert (report.status_code, report.json()["code"]) == (401, "not_authenticated")
    assert not UserHandle.objects.exists()


def test_signed_out(alice: User, signed_in: Callable[..., Client]) -> None:
    """S0.10, Y5: signing out before the report leaves nothing that another user could inherit."""
    client = signed_in(alice)
    client.logout()
    assert client.get(SYNC).status_code == 204
    assert FLAG not in client.session


@pytest.mark.parametrize("method", ["get", "post"])
def test_not_stored(alice: User, signed_in: Callable[..., Client], method: str) -> None:
    """S1.18, Y2, P10: no cache keeps an answer, be it for a user or for nobody."""
    for client in (signed_in(alice), Client()):
        answer = getattr(client, method)(SYNC, {"token": "x"})
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))


@pytest.mark.each_set
@pytest.mark.parametrize("missing", [None, "django.middleware.csrf.CsrfViewMiddleware"])
def test_report_needs_csrf_token(
    alice: User, signed_in: Callable[..., Client], settings: Any, missing: str | None
) -> None:
    """S1.12, P3: eve's page cannot report for alice, whatever the site forgot; alice's own can."""
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if path != missing]
    client = signed_in(alice, enforce_csrf_checks=True)
    payload = fetch(client)
    body = {"token": payload["token"]}
    assert client.post(SYNC, body, content_type="application/json").status_code == 403
    assert is_flagged(client)
    headers = {"X-CSRFToken": payload["csrfToken"]}
    answer = client.post(SYNC, body, content_type="application/json", headers=headers)
    assert answer.status_code == 204
    assert not is_flagged(client)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods(alice: User, signed_in: Callable[..., Client], method: str) -> None:
    """T25: other methods are refused."""
    answer = getattr(signed_in(alice), method)(SYNC)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "request_",
    [
        None,
        HttpRequest(),
        request_with(),
        request_with(session=None),
        request_with(session={}),
        request_with(session=BrokenSession()),
        request_with(session={FLAG: "x"}, user=AnonymousUser()),
        RequestFactory().get("/"),
    ],
)
def test_nothing_is_due(request_: HttpRequest | None) -> None:
    """S0.21: without request, session, user or store nothing is due, and nothing is raised."""
    assert is_due(request_) is False


@pytest.mark.parametrize("variables", [{}, {"request": None}, {"request": HttpRequest()}])
@pytest.mark.parametrize("library", ["otp_passkeys", "otp_webauthn"])
def test_tag_survives(variables: dict[str, Any], library: str) -> None:
    """S0.21: the tag renders nothing where there is no request, or a bare one; it adds no variable."""
    tag = "{% render_otp_webauthn_sync_signals_scripts %}"
    context = Context(variables)
    before = context.flatten()
    assert Template("{% load " + library + " %}" + tag + tag).render(context) == ""
    assert context.flatten() == before


@pytest.mark.parametrize("request_", [HttpRequest(), request_with(session=None)])
def test_no_session(request_: HttpRequest) -> None:
    """S0.5: asking for a sync without a session names the middleware that is missing."""
    with pytest.raises(ImproperlyConfigured, match=r"sessions\.middleware\.SessionMiddleware"):
        request_user_details_sync(request_)
    with pytest.raises(ImproperlyConfigured, match=r"sessions\.middleware\.SessionMiddleware"):
        async_to_sync(arequest_user_details_sync)(request_)


def test_session_of_nobody() -> None:
    """N8: where nobody is signed in there is no browser to tell, and nothing is written."""
    session = SessionStore()
    request_ = request_with(session=session)
    request_user_details_sync(request_)
    async_to_sync(arequest_user_details_sync)(request_)
    assert not session.modified


def test_sign_in_without_session() -> None:
    """S0.6: a sign-in through an API, with no session, is not broken by the sync."""
    on_user_logged_in(User, request=request_with(session=None))


@pytest.mark.django_db(transaction=True)
def test_async_view(alice: User) -> None:
    """S0.6, S0.21: alogin() raises the flag, and so does an async view of the site."""

    async def flag(client: AsyncClient) -> object:
        session = await client.asession()
        return await session.aget(FLAG)

    async def scenario() -> None:
        client = AsyncClient()
        await client.aforce_login(alice, BACKEND)
        token = (await client.get(SYNC)).json()["token"]
        assert token
        await client.post(SYNC, {"token": token}, content_type="application/json")
        assert await flag(client) is None
        assert (await client.post("/async-profile/")).status_code == 200
        assert await flag(client) not in {None, token}

    async_to_sync(scenario)()


@pytest.mark.database_sessions
@pytest.mark.django_db(transaction=True)
def test_tag_in_async_view(alice: User) -> None:
    """S0.21: where the session cannot be read synchronously the tag renders nothing, and is no error."""

    async def scenario() -> None:
        client = AsyncClient()
        await client.aforce_login(alice, BACKEND)
        page = await client.get("/async-page/")
        assert (page.status_code, b"otp-passkey" in page.content) == (200, False)

    async_to_sync(scenario)()


def test_payload_without_email_field(
    bob: User, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0.21: a user model without an e-mail field syncs."""
    client = signed_in(bob)
    register(client, Authenticator())
    monkeypatch.setattr(User, "EMAIL_FIELD", "there_is_none")
    payload = fetch(client)
    assert (payload["name"], payload["displayName"]) == ("bob", "bob")
