"""What a page sends by itself while its user goes on: Django saves a session whole, and nothing of theirs is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import include, path, reverse

from otp_passkeys.models import Passkey
from otp_passkeys.remembered.cookie import COOKIE
from otp_passkeys.signals import passkey_registered
from otp_passkeys.sync import SYNCED_AT, request_user_details_sync
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.steps import answer, is_signed_in, outcome, post
from ..helpers.sync import fetch, is_flagged, report, settle

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Meanwhile = Callable[[Callable[[Client], object]], None]

# What the next request waits for, once it has read its session.
waiting: list[Callable[[HttpRequest], object]] = []


class SessionStore(db.SessionStore):
    """A session that keeps its user beside its data, as django-user-sessions does, and that may fail."""

    users: ClassVar[dict[str | None, object]] = {}
    ends = False
    unreadable = False

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.user: object = None

    def load(self) -> dict[str, Any]:
        """Read what is stored; another tab may sign out right after it, or a cache have nothing to say."""
        if self.unreadable:
            return {}
        data: dict[str, Any] = super().load()
        self.user = self.users.get(self.session_key)
        if self.ends:
            self.delete(self.session_key)
        return data

    def __setitem__(self, key: str, value: Any) -> None:
        if key == SESSION_KEY:
            self.user = value
        super().__setitem__(key, value)

    def clear(self) -> None:
        """Forget the user, too."""
        super().clear()
        self.user = None

    def save(self, must_create: bool = False) -> None:
        """Store the user beside the rest."""
        super().save(must_create)
        self.users[self.session_key] = self.user


class Slow:
    """Read the session, as a site's middleware does, and let something happen then."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer after that."""
        if waiting and request.method == "POST":
            request.session.get(SESSION_KEY)
            waiting.pop()(request)
        return self.get_response(request)


def cart(request: HttpRequest) -> HttpResponse:
    """Put what was seen into the cart, and change what passkeys show of the user."""
    request.session["cart"] = request.session.pop("seen", [])
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
    session = client.session
    session["seen"] = ["lamp"]
    session.save()
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
    assert "seen" not in browser.session
    assert is_flagged(browser)
    settle(browser)
    assert browser.session["cart"] == ["lamp"]
    assert COOKIE in browser.cookies


def test_cookie_of_a_report(browser: Client, settings: Any) -> None:
    """S4.9: a report sends no cookie of the session: it would come after that of a key which is newer."""
    token = fetch(browser)["token"]
    response = browser.post(
        reverse("otp_passkeys:sync"), {"token": token}, content_type="application/json"
    )
    assert response.status_code == 204
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert not is_flagged(browser)


def see(request: HttpRequest) -> None:
    """Note a lamp, as a site's middleware does that saves every session anyway."""
    request.session["seen"].append("lamp")


def see_again(request: HttpRequest) -> None:
    """Note another lamp."""
    request.session["seen"] = ["lamp", "lamp"]


@pytest.mark.usefixtures("in_the_middle")
@pytest.mark.parametrize(("every_request", "step"), [(True, see), (False, see_again)])
def test_report_after_the_sites_middleware(
    browser: Client, settings: Any, every_request: bool, step: Callable[[HttpRequest], None]
) -> None:
    """S0.10: what the site itself has written in the request of the report stays."""
    settings.SESSION_SAVE_EVERY_REQUEST = every_request
    token = fetch(browser)["token"]
    waiting.append(step)
    assert report(browser, token) == 204
    assert browser.session["seen"] == ["lamp", "lamp"]
    assert not is_flagged(browser)


@pytest.mark.usefixtures("in_the_middle")
def test_report_without_a_session(alice: User) -> None:
    """S0.10: a user whom a site's middleware knows without a session gets one, which has synced."""
    client = Client()
    waiting.append(lambda request: setattr(request, "user", alice))
    assert report(client, None) == 204
    assert SYNCED_AT in client.session


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
    assert "seen" not in browser.session
    assert is_flagged(browser)
    assert "otp_passkeys_offer" not in browser.session


def test_upgrade_in_a_session_that_ends(browser: Client, authenticator: Authenticator) -> None:
    """S3.5: the passkey is added, the answer says so, and the session is not begun again."""
    key = browser.session.session_key
    assert upgrade(browser, authenticator, Client.logout) == "201"
    assert not type(browser.session)(key).load()
    assert not is_signed_in(browser)


@pytest.fixture
def own_engine(settings: Any, engine: None) -> None:
    """Keep sessions as this module does."""
    settings.SESSION_ENGINE = __name__


only_once = pytest.mark.parametrize("engine", ["db"], indirect=True)


@only_once
@pytest.mark.usefixtures("own_engine")
def test_session_that_ends_right_then(
    browser: Client, authenticator: Authenticator, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3.5, S0.10: the passkey that the browser has saved is stored all the same; a report has nothing to report to."""
    key, token = browser.session.session_key, fetch(browser)["token"]

    def sign_out(_: Client) -> None:
        monkeypatch.setattr(SessionStore, "ends", True)

    assert upgrade(browser, authenticator, sign_out) == "201"
    assert not SessionStore(key).load()
    monkeypatch.setattr(SessionStore, "ends", False)
    assert Passkey.objects.get().user == alice
    assert report(browser, token) == 401


@only_once
@pytest.mark.usefixtures("own_engine")
def test_session_that_keeps_more(browser: Client, alice: User) -> None:
    """S0.10: what a session of the site's own keeps beside its data is kept."""
    settle(browser)
    assert SessionStore.users[browser.session.session_key] == str(alice.pk)


@only_once
@pytest.mark.usefixtures("own_engine")
def test_session_that_cannot_be_read(
    browser: Client, in_the_middle: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0.10: a cache that fails, or a replica that lags, empties no session."""
    token = fetch(browser)["token"]
    in_the_middle(lambda _: monkeypatch.setattr(SessionStore, "unreadable", True))
    assert report(browser, token) == 401
    monkeypatch.setattr(SessionStore, "unreadable", False)
    assert is_signed_in(browser)
    settle(browser)


@only_once
def test_password_changed_elsewhere(browser: Client, alice: User) -> None:
    """S0.10: a session that Django ends while a report is being answered is not begun again."""
    token = fetch(browser)["token"]
    alice.set_password("another")
    alice.save()
    report(browser, token)
    assert not Session.objects.exists()
    assert not browser.cookies["sessionid"].value
