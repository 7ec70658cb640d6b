"""Who may ask what to signal, and a site's own call for a sync."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from otp_passkeys.sync import FLAG, request_user_details_sync
from otp_passkeys.testing import Authenticator, register

from ..helpers.steps import SignedIn
from ..helpers.sync import fetch, is_flagged, report, settle

SYNC = "/passkeys/sync/"


def twice(request: HttpRequest) -> HttpResponse:
    """Ask for a sync twice, as two forms of one page do."""
    request_user_details_sync(request)
    first = request.session[FLAG]
    request_user_details_sync(request)
    return HttpResponse(first)


def rolled_back(request: HttpRequest) -> HttpResponse:
    """Rename the user, ask for a sync, and take the change back."""
    with transaction.atomic():
        User.objects.filter(pk=request.user.pk).update(username="never")
        request_user_details_sync(request)
        transaction.set_rollback(True)
    return HttpResponse()


urlpatterns = [
    path("", include("tests.urls")),
    path("twice/", twice),
    path("rolled-back/", rolled_back),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_asked_from_elsewhere(alice: User, signed_in: SignedIn, site: str) -> None:
    """Y3: no other site, no sibling host and nobody who opens the address gets an answer."""
    client = signed_in(alice)
    answer = client.get(SYNC, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_flagged(client)


def gate(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let nobody in yet, as a site's own middleware does until a second factor was given."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = AnonymousUser()
        return get_response(request)

    return middleware


def test_middleware_of_the_site(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """Y3: a session that the site does not let in yet is told nothing of its user."""
    client = signed_in(alice)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.gate"]
    assert (client.get(SYNC).status_code, is_flagged(client)) == (204, True)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}])
def test_asked_from_here(alice: User, signed_in: SignedIn, headers: dict[str, str]) -> None:
    """S0.11: the site's own page is answered, also in a browser that does not say who asks."""
    assert "token" in signed_in(alice).get(SYNC, headers=headers).json()


APP = "https://app.example.com"
# Whatever the browser says besides: the origin decides.
SITES = [{}, *({"Sec-Fetch-Site": site} for site in ("same-origin", "same-site", "cross-site"))]


@pytest.mark.parametrize("site", SITES)
def test_asked_by_a_front_end(
    alice: User, signed_in: SignedIn, settings: Any, site: dict[str, str]
) -> None:
    """S0.11, Y3: the script of a page on an origin that the site lists is answered, and may report."""
    settings.OTP_PASSKEYS_RP_ID = "testserver"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://testserver", APP]
    client = signed_in(alice)
    headers = {**site, "Origin": APP}
    token = client.get(SYNC, headers=headers).json()["token"]
    answer = client.post(SYNC, {"token": token}, content_type="application/json", headers=headers)
    assert answer.status_code == 204
    assert not is_flagged(client)


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example.com",
        f"{APP}:8443",
        f"{APP}.evil.example",
        "null",
    ],
)
def test_asked_by_another_origin(
    alice: User, signed_in: SignedIn, settings: Any, site: dict[str, str], origin: str
) -> None:
    """Y3, F4: an origin that is not listed is told nothing and ends nothing, not even where CSRF lets it in."""
    settings.OTP_PASSKEYS_RP_ID = "testserver"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://testserver", APP]
    client = signed_in(alice)
    token = fetch(client)["token"]
    headers = {**site, "Origin": origin}
    answers = [
        client.get(SYNC, headers=headers),
        client.post(SYNC, {"token": token}, content_type="application/json", headers=headers),
    ]
    assert [(one.status_code, one.content) for one in answers] == [(204, b"")] * 2
    assert is_flagged(client)


def test_own_page_whose_origin_is_not_listed(
    alice: User, signed_in: SignedIn, settings: Any
) -> None:
    """S0.10: the site's own element reports, where only the front end uses passkeys."""
    settings.OTP_PASSKEYS_RP_ID = "testserver"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [APP]
    client = signed_in(alice)
    token = fetch(client)["token"]
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    client.post(SYNC, {"token": token}, content_type="application/json", headers=headers)
    assert not is_flagged(client)


def test_own_page_behind_a_proxy(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S0.10, S6.8: where a proxy renames the host, and the origin is derived, the page's report was dropped."""
    settings.OTP_PASSKEYS_RP_ID, settings.ALLOWED_HOSTS = (
        "example.com",
        ["testserver", "example.com"],
    )
    client = signed_in(alice)
    body = {"token": fetch(client)["token"]}
    for site, ends in (("same-site", False), ("same-origin", True)):
        headers = {"Origin": "https://example.com", "Sec-Fetch-Site": site}
        client.post(SYNC, body, content_type="application/json", headers=headers)
        assert is_flagged(client) is not ends


def test_asked_twice(alice: User, signed_in: SignedIn) -> None:
    """S0.5: two calls are one sync, and the report of the first call's token does not end the second."""
    client = signed_in(alice)
    settle(client)
    first = client.get("/twice/").content.decode()
    assert report(client, first) == 204
    assert is_flagged(client)
    settle(client)


@pytest.mark.django_db(transaction=True)
def test_rolled_back(alice: User, signed_in: SignedIn) -> None:
    """S0.19: after a transaction that was taken back, the browser is told what is stored."""
    client = signed_in(alice)
    assert register(client, Authenticator()).status_code == 201
    settle(client)
    client.get("/rolled-back/")
    assert fetch(client)["name"] == "alice"
    settle(client)


@pytest.mark.parametrize("action", ["rename", "delete"])
def test_other_404s(alice: User, signed_in: SignedIn, action: str) -> None:
    """Y10: a passkey that is not there to be renamed or deleted is nothing to forget."""
    data: dict[str, Any] = {"nickname": "x"}
    client = signed_in(alice)
    answer = client.post(f"/passkeys/987654/{action}/", data, content_type="application/json")
    assert answer.status_code == 404
    assert "signal" not in answer.json()
