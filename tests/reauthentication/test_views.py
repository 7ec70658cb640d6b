"""Protected views: who gets in, and what everybody else is answered."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory

from otp_passkeys.reauthentication import reauthentication_required
from otp_passkeys.testing import Authenticator

from ..helpers.reauthentication import (
    BY_PASSKEY,
    PAGE,
    SECOND_FACTOR,
    alter,
    asks,
    grow_old,
    totp_of,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
VIEWS = [
    "/act/", "/act/7/", "/act-async/", "/decorated/", "/decorated/7/", "/decorated-async/",
    "/inheriting/", "/by-djangos-decorator/", "/mixed/", "/mixed/7/", "/mixed-async/",
]  # fmt: skip
ONE_METHOD = ["/one-method/", "/one-method-async/"]
JSON = "application/json"
SCRIPTS: list[dict[str, Any]] = [
    {"headers": {"Accept": JSON}},
    {"content_type": JSON},
    {"headers": {"HX-Request": "true"}},
]


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_lets_in(alice: User, signed_in: SignedIn, path: str, method: str) -> None:
    """S4.11: whoever has just proved who they are, in any way, gets the view with its arguments."""
    totp_of(alice)  # not used in this session
    response = signed_in(alice).generic(method, path)
    assert response.status_code == 200
    assert response.content.startswith(b"done")
    assert response.content.endswith(b"7") is ("7" in path)


@pytest.mark.parametrize("path", VIEWS)
def test_asks(path: str, stale: Client) -> None:
    """S4.10, S4.11: one line protects a view of any kind, and it is returned to with its query."""
    response = stale.get(f"{path}?a=1&b=%26")
    assert response.status_code == 302
    assert response.headers["Location"] == asks(PAGE, f"{path}?a=1&b=%26")


@pytest.mark.parametrize("path", ONE_METHOD)
def test_asks_for_one_method(path: str, browser: Client) -> None:
    """S4.11: a single method of a class can be protected, and the others are as before."""
    assert browser.post(path).status_code == 200
    grow_old(browser)
    assert browser.get(path).status_code == 200
    response = browser.post(path)
    assert response.status_code == 302
    assert response.headers["Location"] == asks(PAGE, path)


@pytest.mark.parametrize("path", ["/positional/ab/", "/mixed-positional/ab/"])
def test_positional_arguments(alice: User, signed_in: SignedIn, path: str) -> None:
    """S4.11: a guarded view gets what its address says, by position too."""
    assert signed_in(alice).get(path).content == b"ab"


@pytest.mark.parametrize("path", ["/act-async/", "/mixed-async/", "/inheriting/"])
def test_served_by_asgi(path: str, browser: Client) -> None:
    """S4.11: an async view is guarded where there is an event loop."""
    under_asgi = AsyncClient()
    under_asgi.cookies = browser.cookies
    get = async_to_sync(under_asgi.get)
    assert get(path).content == b"done"
    grow_old(browser)
    assert get(path).status_code == 302


@pytest.mark.parametrize("path", ["/strict/", "/decorated-async/", "/mixed-strict/"])
def test_own_age(path: str, browser: Client) -> None:
    """S4.11: a view has its own maximum age, on a decorator or a mixin."""
    alter(browser, method="passkey", verified=True)
    grow_old(browser, 50)
    assert browser.get(path).status_code == 200
    grow_old(browser, 15)
    assert browser.get(path).status_code == 302
    assert browser.get("/act/").status_code == 200


@pytest.mark.parametrize("path", ["/by-passkey/", "/mixed-strict/"])
def test_by_passkey(path: str, browser: Client) -> None:
    """S4.6, S4.11: the most dangerous views ask for a passkey that verified its user."""
    for method, verified in (("sign_in", False), ("password", False), ("passkey", False)):
        alter(browser, method=method, verified=verified)
        response = browser.get(path)
        assert response.headers["Location"] == asks(BY_PASSKEY, path)
    alter(browser, verified=True)
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/second-factor/", "/mixed-strict/"])
def test_second_factor(alice: User, signed_in: SignedIn, path: str) -> None:
    """S4.11: a view can ask those who have a second factor to use it."""
    stored_passkey(alice)
    client = signed_in(alice, verified=False)
    alter(client, method="passkey", verified=True)
    assert client.get(path).headers["Location"] == asks(SECOND_FACTOR, path)
    client = signed_in(alice)
    alter(client, method="passkey", verified=True)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", [*VIEWS, "/once/", "/by-passkey/", "/second-factor/"])
def test_visitor(db: None, path: str) -> None:
    """S1.12: a visitor signs in, which is proof enough, and comes back."""
    response = Client().get(f"{path}?a=1")
    assert response.status_code == 302
    assert response.headers["Location"] == f"/passkeys/sign-in/?next={path}%3Fa%3D1"


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_script_of_a_visitor(db: None, script: dict[str, Any], method: str) -> None:
    """S1.12: a visitor's script is told to sign in, and htmx goes there, back to the page at the end."""
    headers = {"Referer": "http://testserver/settings/?a=1", **script.get("headers", {})}
    response = Client().generic(method, "/act/", b"{}", **{**script, "headers": headers})
    assert response.status_code == 401
    led = "/passkeys/reauthenticate/?next=%2Fsettings%2F%3Fa%3D1"
    assert response.json() == {
        "detail": "Sign in first.",
        "code": "not_authenticated",
        "reauthenticate_url": led,
    }
    assert response.get("HX-Redirect") == (led if "HX-Request" in headers else None)
    assert Client().get(led)["Location"] == "/passkeys/sign-in/?next=/settings/%3Fa%3D1"


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("path", VIEWS)
def test_script(script: dict[str, Any], path: str, stale: Client) -> None:
    """S4.10: a script gets a code, and the address of the page that asks and leads back to where it ran."""
    headers = {"Referer": "http://testserver/settings/?a=1#b", **script.get("headers", {})}
    response = stale.post(path, **{"content_type": JSON, **script, "headers": headers})
    assert response.status_code == 403
    assert response.json() == {
        "detail": "Confirm that it’s you first.",
        "code": "reauthentication_required",
        "reauthenticate_url": asks(PAGE, "/settings/?a=1"),
    }
    page = asks(PAGE, "/settings/?a=1") if "HX-Request" in headers else None
    assert response.get("HX-Redirect") == page


def test_htmx_says_where_it_is(stale: Client) -> None:
    """S4.10: htmx names its page itself; a fragment that it fetches is no page to return to."""
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/#top"}
    for method in ("GET", "POST"):
        response = stale.generic(method, "/act/", headers=headers)
        assert response["HX-Redirect"] == asks(PAGE, "/settings/")


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
@pytest.mark.parametrize(
    "page",
    ["", "https://evil.example/", "//evil.example/", "http://testserver.evil/", "javascript:1"],
)
def test_foreign_page(header: str, page: str, stale: Client) -> None:
    """S4.10, T17: a page of another site is not returned to, whoever says that it is the one."""
    response = stale.post("/act/", headers={header: page})
    assert response.headers["Location"] == asks(PAGE, "/act/")
    response = stale.post("/act/", headers={header: page, "HX-Request": "true"})
    assert response["HX-Redirect"] == response.json()["reauthenticate_url"] == PAGE


def test_browser_is_no_script(stale: Client) -> None:
    """A browser that takes anything, JSON included, is sent to a page."""
    for accept in ("*/*", "text/html,application/json;q=0.9,*/*;q=0.8", ""):
        assert stale.get("/act/", headers={"Accept": accept}).status_code == 302


def test_deny_by_default(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """With LoginRequiredMiddleware the page that asks, and the protected view, work as without."""
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    assert Client().get("/act/").headers["Location"] == "/passkeys/sign-in/?next=/act/"
    answer = Client().get(asks(PAGE, "/act/"))
    assert answer.headers["Location"] == "/passkeys/sign-in/?next=/act/"
    client = signed_in(alice)
    grow_old(client)
    assert client.get("/act/", follow=True).redirect_chain == [(asks(PAGE, "/act/"), 302)]


def test_decorator_keeps_the_view(rf: RequestFactory) -> None:
    """The view keeps its name and what other decorators noted on it."""

    def view(request: Any) -> HttpResponse:
        """Act."""
        return HttpResponse()

    view.csrf_exempt = True  # type: ignore[attr-defined]
    guarded: Any = reauthentication_required(view)
    assert (guarded.__name__, guarded.__doc__, guarded.csrf_exempt) == ("view", "Act.", True)
    request = rf.get("/")
    request.user = AnonymousUser()
    assert guarded(request).status_code == 302


def test_forged_marker_is_no_argument(authenticator: Authenticator, stale: Client) -> None:
    """P7: nothing that a request carries stands for a marker."""
    forged = {"otp_passkeys_marker": "x", "max_age": "9999", "method": "passkey"}
    assert stale.post("/act/?max_age=9999", forged).status_code == 302
    stale.cookies["otp_passkeys_marker"] = "x"
    assert stale.get("/act/").status_code == 302
