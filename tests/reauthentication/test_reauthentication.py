"""The marker: who proved what, when, and what ends it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.test import Client, RequestFactory

from otp_passkeys.exceptions import NotAuthenticated, ReauthenticationRequired
from otp_passkeys.reauthentication import Need, consume, mark, read_marker, require
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import stored

RequestOf = Callable[[User], HttpRequest]
ALICE = {"username": "alice", "password": PASSWORD}


def refused(request: HttpRequest, need: Need | None = None) -> str:
    """Return why a request does not meet a need."""
    with pytest.raises(ReauthenticationRequired) as refusal:
        require(request, need or Need())
    return refusal.value.reason


def age(request: HttpRequest, seconds: int) -> None:
    """Let the marker of a request be so old."""
    request.session[MARKER]["time"] = int(time.time()) - seconds


def test_each_sign_in_marks(alice: User) -> None:
    """S4.9: whoever signs in, by whatever way of the site, has proved who they are."""
    client = Client()
    assert client.post("/passkeys/sign-in/", ALICE).status_code == 302
    marker = stored(client)
    assert (marker["method"], marker["verified"]) == ("sign_in", False)
    assert abs(marker["time"] - time.time()) < 5


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.usefixtures("passkey")
def test_passkey_marks(authenticator: Authenticator, settings: Any, verified: bool) -> None:
    """S4.9: the marker says that it was a passkey, and whether it verified the user."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    client = Client()
    assert sign_in(client, authenticator, user_verified=verified).status_code == 200
    marker = stored(client)
    assert (marker["method"], marker["verified"]) == ("passkey", verified)


def test_each_marker_has_its_own_nonce(alice: User, request_of: RequestOf) -> None:
    """Two proofs are never taken for one, or a second could not be used up."""
    request = request_of(alice)
    nonces = {stored_nonce(request, alice) for _ in range(3)}
    assert len(nonces) == 3


def stored_nonce(request: HttpRequest, user: User) -> str:
    mark(request, user, method="password")
    nonce: str = request.session[MARKER]["nonce"]
    assert len(nonce) >= 22
    return nonce


def test_sign_in_without_a_session(alice: User, rf: RequestFactory) -> None:
    """A site may send `user_logged_in` where there is no request, or none with a session."""
    for request in (None, rf.get("/")):
        user_logged_in.send(User, request=request, user=alice)


def test_marker_is_its_users(alice: User, bob: User, eve: User, request_of: RequestOf) -> None:
    """S4.9: bob's marker, copied into eve's session, is void, and so is bob's session with eve as user."""
    of_bob, of_eve = request_of(bob), request_of(eve)
    of_eve.session[MARKER] = of_bob.session[MARKER]
    assert read_marker(of_eve) is None
    assert refused(of_eve) == "too long ago"
    of_bob.user = eve
    assert read_marker(of_bob) is None


def test_another_user_ends_it(alice: User, bob: User) -> None:
    """S4.9: who signs in over another's session has a marker of their own."""
    client = Client()
    client.post("/passkeys/sign-in/", ALICE)
    before = stored(client)
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert stored(client)["binding"] != before["binding"]
    assert stored(client)["nonce"] != before["nonce"]


def test_sign_out_ends_it(browser: Client) -> None:
    """S4.9: nothing is left in a session that was signed out."""
    assert MARKER in browser.session
    browser.logout()
    assert MARKER not in browser.session


def test_password_change_ends_it(alice: User, request_of: RequestOf) -> None:
    """S4.9: a new password voids the marker, in the session that changed it too, which goes on."""
    request = request_of(alice)
    assert require(request, Need()).method == "sign_in"
    alice.set_password("another one")
    alice.save()
    auth.update_session_auth_hash(request, alice)
    assert auth.get_user(request) == alice
    request.user = alice
    assert refused(request) == "too long ago"


def test_new_secret_key_ends_it(alice: User, request_of: RequestOf, settings: Any) -> None:
    """S4.9: where the session survives a new SECRET_KEY, the user is asked once more."""
    request = request_of(alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one"
    assert auth.get_user(request) == alice
    assert read_marker(request) is None


@pytest.mark.parametrize(
    "marker", [None, "text", [], {}, {"binding": ""}, {"method": "passkey", "verified": True}]
)
def test_no_marker(alice: User, request_of: RequestOf, marker: object) -> None:
    """A session without a marker, or with what is none, meets nothing."""
    request = request_of(alice)
    request.session[MARKER] = marker
    assert read_marker(request) is None
    assert refused(request) == "too long ago"


def test_marker_of_another_version(alice: User, request_of: RequestOf) -> None:
    """A marker with more members than this version knows, with fewer or with others asks the user once more."""
    request = request_of(alice)
    marker = request.session[MARKER]
    request.session[MARKER] = {**marker, "later": 1}
    assert read_marker(request) is None
    others: list[dict[str, Any]]
    others = [{"time": "2026-01-01"}, {"time": None}, {"device": 1}, {"device": []}]
    for other in others:
        request.session[MARKER] = {**marker, **other}
        assert read_marker(request) is None
        assert refused(request) == "too long ago"
    del marker["nonce"]
    request.session[MARKER] = marker
    assert read_marker(request) is None


@pytest.mark.parametrize(
    ("seconds", "max_age", "met"),
    [
        (0, None, True),
        (598, None, True),
        (602, None, False),
        (58, 60, True),
        (62, 60, False),
        (3000, 3600, True),
        (2, 1, False),
        (-58, None, True),
        (-62, None, False),  # of the future
        (-10_000, None, False),
    ],
)
def test_age(
    alice: User, request_of: RequestOf, seconds: int, max_age: int | None, met: bool
) -> None:
    """S4.9, S4.11: a marker is young enough for what is asked, and never of the future."""
    request = request_of(alice)
    age(request, seconds)
    if met:
        require(request, Need(max_age=max_age))
    else:
        assert refused(request, Need(max_age=max_age)) == "too long ago"


def test_age_of_the_setting(alice: User, request_of: RequestOf, settings: Any) -> None:
    """S4.11: the site chooses how long a proof holds, where a view does not."""
    request = request_of(alice)
    age(request, 100)
    settings.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE = 90
    assert refused(request) == "too long ago"
    require(request, Need(max_age=600))


@pytest.mark.parametrize("method", ["passkey", "password", "sign_in", "token"])
@pytest.mark.parametrize("verified", [True, False])
def test_by_passkey(alice: User, request_of: RequestOf, method: str, verified: bool) -> None:
    """S4.6, S4.11: where a view asks for a passkey, only one that verified its user will do."""
    request = request_of(alice)
    mark(request, alice, method=method, verified=verified)
    need = Need(method="passkey")
    if (method, verified) == ("passkey", True):
        assert require(request, need).verified
    else:
        assert refused(request, need) == "not with a passkey"
    require(request, Need())


@pytest.mark.parametrize("method", ["password", "webauthn", "", "Passkey"])
def test_unknown_method(method: str) -> None:
    """A misspelt method is an error of the site, not a view that is open."""
    with pytest.raises(ValueError, match="method must be"):
        Need(method=method)


def test_nobody(rf: RequestFactory, alice: User, request_of: RequestOf) -> None:
    """T21: a visitor and an inactive user have proved nothing, marker or not."""
    request = request_of(alice)
    alice.is_active = False
    for act in (require, consume):
        with pytest.raises(NotAuthenticated):
            act(request, Need())
    request.user = AnonymousUser()
    assert read_marker(request) is None
    with pytest.raises(NotAuthenticated):
        require(request, Need())
