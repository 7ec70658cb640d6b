"""Backends that ask nobody (P15): a header of the proxy signs in again whenever the cookie is gone."""

from typing import Any

import pytest
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys import remembered
from otp_passkeys.offers import NOTE
from otp_passkeys.policy import Policy
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator, register

from ..conftest import PASSWORD
from ..helpers.reauthentication import (
    BY_PASSKEY,
    NO_RECOVERY,
    PAGE,
    SECOND_FACTOR,
    asks,
    give,
    totp_of,
    ways,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import lose_password, outcome, post

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
STUCK = "This site has no way to check that it’s you."
MIDDLEWARE = [
    "django.contrib.auth.middleware.RemoteUserMiddleware",
    "django.contrib.auth.middleware.PersistentRemoteUserMiddleware",
]


class Trusting(Policy):
    """Of a site whose proxy asks."""

    def proves_identity(self, backend: Any) -> bool:
        return True


class Convenient(BaseBackend):
    """Lets anybody in by the name alone, as on a developer's machine."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None) -> Any:  # type: ignore[override]
        return User.objects.filter(username=username).first()


class Doubting(Policy):
    """Of a site that names a backend of its own."""

    def proves_identity(self, backend: Any) -> bool:
        return super().proves_identity(backend) and not isinstance(backend, Convenient)


@pytest.fixture(params=MIDDLEWARE)
def proxy(request: pytest.FixtureRequest, db: None, settings: Any) -> Client:
    """Put the site behind a proxy that says who it is, and return the browser of a user whom it made."""
    index = 1 + settings.MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware")
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE[:index],
        request.param,
        *settings.MIDDLEWARE[index:],
    ]
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.RemoteUserBackend",
        "otp_passkeys.backends.PasskeyBackend",
    ]
    return Client(REMOTE_USER="carol")


def carol() -> User:
    return User.objects.get(username="carol")


def test_cookie_is_deleted(proxy: Client, authenticator: Authenticator) -> None:
    """P15: to delete the cookie signs in again, and proves nothing: no page opens, and no passkey is planted."""
    for _ in range(2):
        proxy.cookies.clear()
        assert proxy.get("/act/").headers["Location"] == asks(PAGE, "/act/")
        assert MARKER not in proxy.session
        assert outcome(register(proxy, authenticator)) == "reauthentication_required"
    assert post(proxy, "register-options", {"upgrade": True}).status_code == 204


def test_no_offer_and_nothing_remembered(proxy: Client) -> None:
    """P15: nobody is offered a passkey that they could not add, nor remembered."""
    proxy.get("/act/")
    assert NOTE not in proxy.session
    response = post(proxy, "sync", {"token": proxy.session["otp_passkeys_sync"]})
    assert (response.status_code, remembered.COOKIE in response.cookies) == (204, False)


@pytest.mark.parametrize("page", [PAGE, SECOND_FACTOR, BY_PASSKEY])
@pytest.mark.parametrize("url", [None, "/help/"])
def test_nobody_goes_in_circles(proxy: Client, settings: Any, page: str, url: str | None) -> None:
    """P15: a user who has nothing to be asked for reads so, with the way to help and none that leads back here."""
    settings.OTP_PASSKEYS_RECOVERY_URL = url
    content = proxy.get(asks(page, "/act/")).content.decode()
    assert STUCK in content
    assert ('href="/help/">I can' in content) is (url is not None)
    assert (NO_RECOVERY in content) is (url is None)
    for loop in ("Sign in again", "Add a passkey", "Try another way", 'type="password"', "<form"):
        assert loop not in content
    key = proxy.session.session_key
    response = give(proxy, "sign-in", page, next="/act/")
    assert (response.status_code, proxy.session.session_key) == (422, key)
    assert STUCK in response.content.decode()


def test_own_ways_still_prove(proxy: Client) -> None:
    """P15: who has a code or a passkey is asked for that; the page of a passkey leads to adding one."""
    proxy.get("/act/")
    totp_of(carol())
    content = proxy.get(PAGE).content.decode()
    assert STUCK not in content
    assert 'autocomplete="one-time-code"' in content
    content = proxy.get(BY_PASSKEY).content.decode()
    assert ">Add a passkey</a>" in content
    assert "Sign in again" not in content
    stored_passkey(carol())
    assert ways(proxy) == ["Use your passkey", "Use a code from my phone"]


def test_password_still_proves(proxy: Client, settings: Any) -> None:
    """P15: a password that the user has is asked for; the empty one that Django's backend leaves is none."""
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS,
        "django.contrib.auth.backends.ModelBackend",
    ]
    proxy.get("/act/")
    user = carol()
    assert (user.password, user.has_usable_password()) == ("", True)
    assert STUCK in proxy.get(PAGE).content.decode()
    user.set_password(PASSWORD)
    user.save()
    proxy.cookies.clear()
    assert give(proxy, password=PASSWORD, next="/act/").headers["Location"] == "/act/"
    assert proxy.get("/act/").status_code == 200


def test_site_trusts_its_proxy(proxy: Client, settings: Any) -> None:
    """P15: a site may say that the proxy asks; then its sign-ins count as any other's."""
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.Trusting"
    assert proxy.get("/act/").status_code == 200
    assert proxy.session[MARKER]["method"] == "sign_in"
    assert NOTE in proxy.session
    assert "To go on, sign in again." in proxy.get(PAGE).content.decode()


def test_older_marker_ends(proxy: Client, settings: Any) -> None:
    """P15: a sign-in that asks nobody ends the marker of one that did, in one session."""
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.Trusting"
    proxy.get("/act/")
    del settings.OTP_PASSKEYS_POLICY
    user = carol()
    assert MARKER in proxy.session
    proxy.force_login(user, backend="django.contrib.auth.backends.RemoteUserBackend")
    assert MARKER not in proxy.session


def test_backend_that_a_site_names(settings: Any, browser: Client) -> None:
    """P15: nor does such a backend vouch for a password, on the sign-in page or on the page that asks."""
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.Doubting"
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Convenient", *settings.AUTHENTICATION_BACKENDS]
    before = browser.session[MARKER]
    assert give(browser, password="anything").status_code == 422
    assert browser.session[MARKER] == before
    visitor = Client()
    visitor.post("/passkeys/sign-in/", {"username": "alice", "password": "anything"})
    assert "_auth_user_id" in visitor.session
    assert MARKER not in visitor.session
    assert remembered.COOKIE not in visitor.cookies


def test_no_backend_at_all(alice: User, settings: Any) -> None:
    """P15: where a middleware of the site sets the user, nobody has signed in, and to do so again is no way."""
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "tests.actions.authenticating.test_authenticating.Proxy",
    ]
    lose_password(alice)
    assert STUCK in Client().get(PAGE).content.decode()
