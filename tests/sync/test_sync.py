"""The flag that says a sync is due: what raises it, and that only the browser's report clears it."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.urls import include, path, reverse

from otp_passkeys import sync, utils
from otp_passkeys.models import Passkey
from otp_passkeys.sync import FLAG, SYNCED_AT, request_user_details_sync
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.steps import SignedIn, verify
from ..helpers.sync import fetch, is_flagged, page_syncs, report, settle


def own_login(request: HttpRequest) -> HttpResponse:
    """Sign in as a site's own view does."""
    user = authenticate(request, username="alice", password=PASSWORD)
    assert user is not None
    login(request, user)
    return HttpResponse()


def profile(request: HttpRequest) -> HttpResponse:
    """Change the name as a site's own view does, if the new one is any good."""
    assert isinstance(request.user, User)
    if name := request.POST["username"]:
        request.user.username = name
        request.user.save()
        request_user_details_sync(request)
    return HttpResponse()


urlpatterns = [
    path("", include("tests.urls")),
    path("own-login/", own_login),
    path("profile/", profile),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def browser(browser: Client) -> Client:
    """Return alice's browser: signed in, with a passkey, and in step."""
    settle(browser)
    return browser


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that moves the clock of the sync."""
    now = time.time()

    def move(seconds: int) -> None:
        monkeypatch.setattr(sync, "time", SimpleNamespace(time=lambda: now + seconds))

    return move


def delete_url(user: User) -> str:
    return reverse("otp_passkeys:delete", args=[Passkey.objects.get(user=user).pk])


def test_two_homes_of_one_function() -> None:
    """S0.5: the official way is importable from both places that sites look in."""
    assert utils.request_user_details_sync is request_user_details_sync


def test_sign_in_with_password(alice: User, client: Client) -> None:
    """S0.6: signing in on the ready page with a password syncs too."""
    data = {"username": "alice", "password": PASSWORD}
    assert client.post(reverse("otp_passkeys:sign-in"), data).status_code == 302
    assert page_syncs(client)


def test_refused_sign_in(alice: User, client: Client) -> None:
    """S0.6: who was not let in has nothing to sync."""
    client.post(reverse("otp_passkeys:sign-in"), {"username": "alice", "password": "wrong"})
    assert not is_flagged(client)


def test_sign_in_with_own_view(alice: User, client: Client) -> None:
    """S0.6: a site's own view that calls login() syncs too."""
    client.post("/own-login/")
    assert page_syncs(client)


def test_sign_in_with_passkey(browser: Client, authenticator: Authenticator) -> None:
    """S0.6, Y5: signing in with a passkey syncs, whatever an earlier session had missed."""
    visitor = Client()
    assert sign_in(visitor, authenticator).status_code == 200
    assert page_syncs(visitor)


def test_sign_in_without_request(alice: User) -> None:
    """S0.6, S0.21: a sign-in that has no request, or none with a session, is left alone."""
    sync.on_user_logged_in(User, request=None, user=alice)
    sync.on_user_logged_in(User, request=HttpRequest(), user=alice)


def test_registration(browser: Client) -> None:
    """S0.7: adding a passkey raises the flag."""
    assert register(browser, Authenticator()).status_code == 201
    assert page_syncs(browser)


def test_refused_registration(browser: Client, authenticator: Authenticator) -> None:
    """S0.7: a refused registration changed nothing."""
    assert register(browser, authenticator, force=True, rp_id="evil.test").status_code == 422
    assert not is_flagged(browser)


@pytest.mark.parametrize("content_type", ["application/json", MULTIPART_CONTENT])
def test_deletion(browser: Client, alice: User, content_type: str) -> None:
    """S0.8: deleting a passkey raises the flag, by script or by form."""
    answer = browser.post(delete_url(alice), {}, content_type=content_type)
    assert answer.status_code in {204, 302}
    assert page_syncs(browser)


def test_refused_deletion(browser: Client, alice: User) -> None:
    """S0.8: the last way in was not deleted, so nothing is due."""
    User.objects.filter(pk=alice.pk).update(password="!")
    client = Client()
    client.force_login(User.objects.get(pk=alice.pk), "otp_passkeys.backends.PasskeyBackend")
    verify(client, alice.passkeys.get())
    settle(client)
    assert client.post(delete_url(alice)).status_code == 409
    assert not is_flagged(client)


def test_eves_deletion(browser: Client, alice: User, eve: User, signed_in: SignedIn) -> None:
    """S0.8, P1: a foreign passkey is not deleted, and nobody is flagged."""
    eves = signed_in(eve)
    settle(eves)
    assert eves.post(delete_url(alice)).status_code == 404
    assert not is_flagged(eves)
    assert not is_flagged(browser)


def test_profile_change(browser: Client) -> None:
    """S0.1, S0.9: one line in the site's view raises the flag."""
    browser.post("/profile/", {"username": "alison"})
    assert page_syncs(browser)
    assert fetch(browser)["name"] == "alison"


def test_invalid_profile_change(browser: Client) -> None:
    """S0.20: an invalid form sets no flag."""
    browser.post("/profile/", {"username": ""})
    assert not page_syncs(browser)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("get", {}),
        ("head", {}),
        ("get", {"Sec-Purpose": "prefetch"}),
        ("get", {"Sec-Purpose": "prefetch;prerender"}),
        ("get", {"X-Requested-With": "XMLHttpRequest"}),
    ],
)
def test_rendering_clears_nothing(browser: Client, method: str, headers: dict[str, str]) -> None:
    """S0.10, Y5: a page that no one saw, or whose script never reported, leaves the flag."""
    browser.post("/profile/", {"username": "alison"})
    before = dict(browser.session)
    for _ in range(2):
        getattr(browser, method)(reverse("tagged"), headers=headers)
        browser.get(reverse("otp_passkeys:sync"))
    assert dict(browser.session) == before
    assert page_syncs(browser)


def test_report_clears(browser: Client) -> None:
    """S0.10: once the browser has reported, later pages carry no script."""
    browser.post("/profile/", {"username": "alison"})
    assert report(browser, fetch(browser)["token"]) == 204
    assert FLAG not in browser.session
    assert SYNCED_AT in browser.session
    assert not page_syncs(browser)


def test_flag_raised_meanwhile(browser: Client, later: Callable[[int], None]) -> None:
    """S0.10: a flag raised between the answer and the report survives the report."""
    browser.post("/profile/", {"username": "alison"})
    token = fetch(browser)["token"]
    synced_at = browser.session[SYNCED_AT]
    later(60)
    browser.post("/profile/", {"username": "alina"})
    assert report(browser, token) == 204
    assert browser.session[SYNCED_AT] == synced_at
    assert page_syncs(browser)
    settle(browser)


def test_token_of_another(browser: Client, eve: User, signed_in: SignedIn) -> None:
    """S0.10: a token clears the flag of its own session and of no other."""
    browser.post("/profile/", {"username": "alison"})
    eves = signed_in(eve)
    assert report(eves, fetch(browser)["token"]) == 204
    assert is_flagged(eves)
    assert is_flagged(browser)


@pytest.mark.parametrize("token", ["", "x", 1, [], {}, True])
def test_foreign_token(browser: Client, token: object) -> None:
    """S0.10: what is no token clears nothing, and is no error."""
    browser.post("/profile/", {"username": "alison"})
    assert report(browser, token) == 204
    assert is_flagged(browser)


def test_report_without_token(browser: Client) -> None:
    """S0.10, T12: a report without a token, where no flag stands, is no error of the server."""
    assert report(browser, None) == 204


@pytest.mark.parametrize(("seconds", "due"), [(0, False), (3540, False), (3605, True)])
def test_old_session(
    browser: Client, later: Callable[[int], None], seconds: int, due: bool
) -> None:
    """S0.23: a session whose last sync is over an hour old syncs without a flag, then rests again."""
    later(seconds)
    assert not is_flagged(browser)
    assert page_syncs(browser) is due
    settle(browser)
    assert not page_syncs(browser)


def test_session_from_before_the_app(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """S0.23: a session that has never synced does so."""
    monkeypatch.setattr(sync, "SYNCED_AT", "another_name")
    assert page_syncs(browser)
