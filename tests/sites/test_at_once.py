"""What a page sends by itself while its user goes on: Django saves a session whole, and nothing of theirs is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import include, path, reverse

from otp_passkeys.models import Passkey
from otp_passkeys.remembered.cookie import COOKIE
from otp_passkeys.signals import passkey_registered
from otp_passkeys.sync import request_user_details_sync
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.steps import answer, is_signed_in, outcome, post
from ..helpers.sync import fetch, is_flagged, report, settle
from ..views.requests import JSON, POSTING, path_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Meanwhile = Callable[[Callable[[Client], object]], None]

# What the next request waits for, once it has read its session.
waiting: list[Callable[[HttpRequest], object]] = []


class SessionStore(db.SessionStore):
    """A session that can end right after it was read."""

    ends = False

    def load(self) -> dict[str, Any]:
        """Read what is stored, and let another tab sign out."""
        data: dict[str, Any] = super().load()
        if self.ends:
            self.delete(self.session_key)
        return data


class Slow:
    """Read the session, as a site's middleware does, and let something happen then."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer after that."""
        if waiting and request.session.get("_auth_user_id"):
            waiting.pop()(request)
        return self.get_response(request)


def cart(request: HttpRequest) -> HttpResponse:
    """Put something into the cart, and change what passkeys show of the user."""
    request.session["cart"] = ["lamp"]
    request_user_details_sync(request)
    return HttpResponse()


urlpatterns = [path("", include("tests.urls")), path("cart/", cart)]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture(params=["db", "cache", "cached_db", "file"], autouse=True)
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> None:
    """Use each session engine that keeps sessions on the server."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)


@pytest.fixture
def browser(alice: User) -> Client:
    """Return alice's browser, signed in with her password."""
    client = Client()
    assert client.login(username="alice", password=PASSWORD)
    return client


def other_tab(browser: Client) -> Client:
    """Return another tab of the browser."""
    tab = Client()
    tab.cookies = browser.cookies
    return tab


@pytest.fixture
def in_the_middle(browser: Client, settings: Any) -> Iterator[Meanwhile]:
    """Return a function that lets another tab do something while the next request is answered."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Slow"]
    yield lambda step: waiting.append(lambda _: step(other_tab(browser)))
    assert not waiting


def test_report(browser: Client, in_the_middle: Meanwhile) -> None:
    """S0.10: neither the site's data nor a flag is lost that were written while a report was being answered."""
    token = fetch(browser)["token"]
    in_the_middle(lambda tab: tab.get("/cart/"))
    assert report(browser, token) == 204
    assert browser.session["cart"] == ["lamp"]
    assert is_flagged(browser)
    settle(browser)
    assert browser.session["cart"] == ["lamp"]
    assert COOKIE in browser.cookies


def test_cookie_of_a_report(browser: Client, settings: Any) -> None:
    """S4.9: a report sends no cookie of the session: it would come after that of a key which is newer."""
    token = fetch(browser)["token"]
    data = {"token": token}
    answer = browser.post(reverse("otp_passkeys:sync"), data, content_type="application/json")
    assert answer.status_code == 204
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    assert not is_flagged(browser)


@pytest.mark.usefixtures("in_the_middle")
def test_report_after_the_sites_middleware(browser: Client) -> None:
    """S0.10: what the site itself has written in the request of the report stays."""
    token = fetch(browser)["token"]
    waiting.append(lambda request: request.session.update({"seen": "today"}))
    assert report(browser, token) == 204
    assert browser.session["seen"] == "today"
    assert not is_flagged(browser)


def test_report_of_a_session_that_ends(browser: Client, in_the_middle: Meanwhile) -> None:
    """S0.10, S4.15: a session that ends while its report is being answered stays ended, and remembers nobody."""
    token = fetch(browser)["token"]
    key = browser.session.session_key
    in_the_middle(Client.logout)
    assert report(browser, token) == 401
    assert COOKIE not in browser.cookies
    assert not type(browser.session)(key).load()
    assert not is_signed_in(browser)


def upgrade(browser: Client, authenticator: Authenticator, step: Callable[[Client], object]) -> str:
    """Let the browser add a passkey by itself, and another tab do something before the mail is sent."""
    options = post(browser, "register-options", {"upgrade": True}).json()
    made = authenticator.create(options, user_present=False, user_verified=False)

    def meanwhile(**_: object) -> None:
        step(other_tab(browser))

    passkey_registered.connect(meanwhile)
    try:
        return outcome(answer(browser, "register", made))
    finally:
        passkey_registered.disconnect(meanwhile)


def test_upgrade(browser: Client, authenticator: Authenticator) -> None:
    """S3.5: a passkey that the browser adds by itself undoes nothing, however long the mail takes."""
    settle(browser)
    assert upgrade(browser, authenticator, lambda tab: tab.get("/cart/")) == "201"
    assert browser.session["cart"] == ["lamp"]
    assert is_flagged(browser)
    assert "otp_passkeys_offer" not in browser.session


def test_upgrade_in_a_session_that_ends(browser: Client, authenticator: Authenticator) -> None:
    """S3.5: the passkey is added, the answer says so, and the session is not begun again."""
    key = browser.session.session_key
    assert upgrade(browser, authenticator, Client.logout) == "201"
    assert not type(browser.session)(key).load()
    assert not is_signed_in(browser)


@pytest.mark.parametrize("engine", ["db"], indirect=True)
def test_session_that_ends_right_then(
    alice: User,
    authenticator: Authenticator,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S3.5, S0.10: the passkey that the browser has saved is stored all the same; a report has nothing to report to."""
    settings.SESSION_ENGINE = __name__
    browser = Client()
    browser.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    key, token = browser.session.session_key, fetch(browser)["token"]

    def sign_out(_: Client) -> None:
        monkeypatch.setattr(SessionStore, "ends", True)

    assert upgrade(browser, authenticator, sign_out) == "201"
    assert not SessionStore(key).load()
    monkeypatch.setattr(SessionStore, "ends", False)
    assert Passkey.objects.get().user == alice
    assert report(browser, token) == 401


@pytest.mark.parametrize("csrf_use_sessions", [False, True])
def test_cookie_of_another_session(
    alice: User, browser: Client, settings: Any, csrf_use_sessions: bool
) -> None:
    """S4.9: no answer to a script takes away the cookie of a session that is gone; the answer to a page does.

    The script may have asked before the user has confirmed, and the browser have the cookie of the next session by now.
    """
    settings.CSRF_USE_SESSIONS = csrf_use_sessions
    stored_passkey(alice)
    asked = [("GET", "list"), ("GET", "sync"), *(("POST", name) for name in POSTING)]
    gone = browser.cookies[settings.SESSION_COOKIE_NAME].value
    browser.logout()
    if csrf_use_sessions:  # a session is begun, which keeps what the challenge is bound to
        asked.remove(("POST", "authenticate-options"))
    for method, name in asked:
        browser.cookies[settings.SESSION_COOKIE_NAME] = gone
        answer = browser.generic(method, path_of(name), b"{}", JSON, headers={"Accept": JSON})
        assert answer.status_code < 500
        assert settings.SESSION_COOKIE_NAME not in answer.cookies, (method, name)
    browser.get(reverse("otp_passkeys:list"))
    assert not browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_cookie_of_a_script_that_signs_out(browser: Client, settings: Any) -> None:
    """S4.9: where the request itself has ended the session, its answer takes the cookie away."""
    forget = reverse("otp_passkeys:forget")
    assert browser.post(forget, {"sign_out": "yes"}, headers={"Accept": JSON}).status_code == 302
    assert not browser.cookies[settings.SESSION_COOKIE_NAME].value
