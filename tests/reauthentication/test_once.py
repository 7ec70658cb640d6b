"""A marker for one use: of any number of requests that bring it, one gets past."""

import datetime
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from otp_passkeys.exceptions import ReauthenticationRequired
from otp_passkeys.models import SpentChallenge
from otp_passkeys.reauthentication import Need, consume, read_marker, require
from otp_passkeys.reauthentication.marker import MARKER

from ..helpers.reauthentication import BY_PASSKEY, alter, asks, keep, stored
from ..helpers.steps import SignedIn, copy
from ..races.racing import at_once

RequestOf = Callable[[User], HttpRequest]
pytestmark = pytest.mark.urls("tests.reauthentication.urls")
ACTS = ["/once/", "/consuming/", "/mixed-strict/"]


def sharpen(client: Client) -> None:
    """Let the session meet the strictest need, as if a passkey had been used."""
    alter(client, method="passkey", verified=True)


def test_consume_once(alice: User, request_of: RequestOf) -> None:
    """S4.9: a marker that was used up is void, also when an old session brings it back."""
    request = request_of(alice)
    marker = request.session[MARKER]
    consume(request)
    assert read_marker(request) is None
    with pytest.raises(ReauthenticationRequired, match="too long ago"):
        require(request, Need(max_age=10**12))
    request.session[MARKER] = marker
    with pytest.raises(ReauthenticationRequired) as refusal:
        consume(request)
    assert refusal.value.reason == "used before"
    spent = SpentChallenge.objects.get()
    outlives = datetime.timedelta(seconds=marker["time"] - time.time() + 14 * 24 * 3600)
    assert spent.expires_at > datetime.datetime.now(datetime.timezone.utc) + outlives


def test_consume_spends_nothing_that_is_refused(alice: User, request_of: RequestOf) -> None:
    """A marker that does not do is not used up: the next view may take it."""
    request = request_of(alice)
    with pytest.raises(ReauthenticationRequired):
        consume(request, Need(method="passkey"))
    request.session[MARKER]["time"] -= 100
    with pytest.raises(ReauthenticationRequired):
        consume(request, Need(max_age=60))
    assert not SpentChallenge.objects.exists()
    consume(request)


@pytest.mark.parametrize("path", ACTS)
@pytest.mark.usefixtures("atomic_requests")
def test_one_act(path: str, browser: Client) -> None:
    """S4.9: the marker lets its user act once, also where each request is a transaction."""
    sharpen(browser)
    assert browser.post(path).status_code == 200
    assert browser.post(path).status_code == 302
    assert browser.get("/act/").status_code == 302
    assert SpentChallenge.objects.count() == 1


def test_need_of_one_act(browser: Client) -> None:
    """S4.11: an act that is allowed once asks for all else that its view asks for, before and after."""
    asked = asks(BY_PASSKEY, "/mixed-strict/")
    assert browser.post("/mixed-strict/")["Location"] == asked
    assert not SpentChallenge.objects.exists()
    sharpen(browser)
    marker = stored(browser)
    assert browser.post("/mixed-strict/").status_code == 200
    keep(browser, **{MARKER: marker})
    assert browser.post("/mixed-strict/")["Location"] == asked


@pytest.mark.parametrize("path", ACTS)
@pytest.mark.usefixtures("atomic_requests")
def test_one_of_two_requests(path: str, browser: Client) -> None:
    """S4.9: of two requests that both read the marker before either used it up, one acts."""
    sharpen(browser)
    marker = stored(browser)
    assert browser.post(path).status_code == 200
    keep(browser, **{MARKER: marker})  # as the second one found it
    response = browser.post(path, headers={"Accept": "application/json"})
    assert response.status_code == 403
    assert response.json()["code"] == "reauthentication_required"


@pytest.mark.parametrize("path", ACTS)
def test_replayed_cookie(alice: User, signed_in: SignedIn, settings: Any, path: str) -> None:
    """S4.9: where the session is a cookie, eve's copy of an old one brings no marker back to life."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    client = signed_in(alice)
    sharpen(client)
    eve = copy(client)
    assert client.post(path).status_code == 200
    assert MARKER in eve.session
    assert eve.post(path).status_code == 302


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_does_not_use_it_up(method: str, browser: Client) -> None:
    """S4.11: the page with the form may be looked at as often as one likes, and then be sent."""
    for _ in range(2):
        assert browser.generic(method, "/once/").status_code == 200
    assert not SpentChallenge.objects.exists()
    assert browser.post("/once/").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_anything_else_does(method: str, browser: Client) -> None:
    """S4.11: whatever may change something uses the marker up."""
    assert browser.generic(method, "/once/").status_code == 200
    assert browser.generic(method, "/once/").status_code == 302


def test_new_proof_acts_again(alice: User, browser: Client) -> None:
    """S4.9: who proves it again may act again: the new marker is another."""
    for _ in range(2):
        assert browser.post("/once/").status_code == 200
        browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")


@pytest.mark.server_database
@pytest.mark.parametrize("engine", ["db", "cache", "signed_cookies"])
@pytest.mark.usefixtures("atomic_requests")
def test_requests_at_once(alice: User, signed_in: SignedIn, settings: Any, engine: str) -> None:
    """S4.9, T2: of twelve requests that bring one marker at the same moment, exactly one acts."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    for _ in range(3):
        client = signed_in(alice)
        calls = [partial(copy(client).post, "/once/") for _ in range(12)]
        statuses = sorted(response.status_code for response in at_once(calls))
        assert statuses == [200] + 11 * [302]
