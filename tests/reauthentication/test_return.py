"""Where a proof leads: to the page asked for, on this site, and never to an act that was not done."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from otp_passkeys.exceptions import ReauthenticationRequired
from otp_passkeys.reauthentication import refusal, remind_of_unsent
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.reauthentication.unsent import UNSENT
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import PAGE, asks, give, grow_old, keep
from ..helpers.steps import SignedIn, ask
from ..helpers.targets import HARMFUL

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
NOTHING_CHANGED = "Thanks, it’s you. Nothing has been changed yet: please do it again."


def told(client: Client, address: str) -> list[str]:
    """Return the messages that the page of an address would show."""
    return [str(message) for message in get_messages(client.get(address).wsgi_request)]


@pytest.mark.parametrize("target", HARMFUL)
def test_forged_next(alice: User, signed_in: SignedIn, settings: Any, target: str) -> None:
    """S4.10, T17: another site, scheme or header is never gone to, whether asked for in address or form."""
    settings.LOGIN_REDIRECT_URL = "/home/"
    client = signed_in(alice)
    response = give(client, page=asks(PAGE, target), password=PASSWORD, secure=True)
    assert response.headers["Location"] == "/home/"
    response = give(client, password=PASSWORD, next=target, secure=True)
    assert response.headers["Location"] == "/home/"
    page = client.get(asks(PAGE, target), secure=True).content.decode()
    assert 'name="next" value="/home/"' in page
    response = Client().get(asks(PAGE, target), secure=True)
    assert response.headers["Location"] == "/passkeys/sign-in/?next=/home/"


@pytest.mark.parametrize("way", ["password", "passkey"])
@pytest.mark.usefixtures("passkey")
def test_post_is_not_replayed(authenticator: Authenticator, way: str, stale: Client) -> None:
    """S4.10: what was sent is not sent again: the user is back at its form, and told so, once."""
    response = stale.post(
        "/act/", {"amount": "5"}, headers={"Referer": "http://testserver/tagged/?a=1"}
    )
    assert response.headers["Location"] == asks(PAGE, "/tagged/?a=1")
    if way == "password":
        response = give(stale, page=response.headers["Location"], password=PASSWORD)
        assert response.headers["Location"] == "/tagged/?a=1"
    else:
        response = sign_in(stale, authenticator, next="/tagged/?a=1")
        assert response.json()["redirect_url"] == "/tagged/?a=1"
    assert told(stale, "/tagged/?a=1") == [NOTHING_CHANGED]
    give(stale, page=asks(PAGE, "/tagged/?a=1"), password=PASSWORD)
    assert told(stale, "/tagged/?a=1") == [NOTHING_CHANGED]  # not shown yet, and not said again


def test_no_reminder_elsewhere(stale: Client) -> None:
    """S4.10: who goes somewhere else, or only looked, is not told that nothing was changed."""
    stale.post("/act/", headers={"Referer": "http://testserver/tagged/"})
    give(stale, page=asks(PAGE, "/"), password=PASSWORD)
    assert told(stale, "/") == []
    grow_old(stale)
    stale.get("/act/")
    give(stale, page=asks(PAGE, "/act/"), password=PASSWORD)
    assert told(stale, "/act/") == []


ADD_AGAIN = "Thanks, it’s you. Now choose “Add a passkey” once more."


@pytest.mark.parametrize("panel", ["/passkeys/", "/embedded/"])
@pytest.mark.parametrize("address", ["register-options", "register"])
@pytest.mark.parametrize("referrer", [True, False])
def test_back_to_the_button(panel: str, address: str, referrer: bool, browser: Client) -> None:
    """S4.10: who wanted to add a passkey comes back to the button, in the panel that it was in, and reads so once."""
    body = {"credential": Authenticator().create(ask(browser, "register-options"))}
    grow_old(browser) if address == "register-options" else keep(browser, **{MARKER: None})
    headers = {"Referer": f"https://testserver{panel}"} if referrer else {}
    url = reverse(f"otp_passkeys:{address}")
    refused = browser.post(
        url, body, content_type="application/json", secure=True, headers=headers
    ).json()
    target = f"{panel if referrer else '/passkeys/'}#otp-passkeys-add"
    assert refused["reauthenticate_url"] == asks(PAGE, target)
    response = give(browser, page=refused["reauthenticate_url"], password=PASSWORD)
    assert response.headers["Location"] == target
    assert told(browser, "/tagged/") == []
    page = target.partition("#")[0]
    assert ADD_AGAIN in browser.get(page).content.decode()
    assert ADD_AGAIN not in browser.get(page).content.decode()


def test_nobody_else_is_told_to_add_again(browser: Client) -> None:
    """S4.10: an address alone brings the sentence to nobody: the session knows what was refused."""
    give(browser, page=asks(PAGE, "/passkeys/#otp-passkeys-add"), password=PASSWORD)
    assert ADD_AGAIN not in browser.get("/passkeys/").content.decode()


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_caller_knows_who_asks(alice: User, request_of: Any, accept: str) -> None:
    """A view that knows whether a script asks says so, and the headers are not looked at."""
    request = request_of(alice)
    request.META["HTTP_ACCEPT"] = accept
    error = ReauthenticationRequired("too long ago", page="reauthenticate")
    assert refusal(request, error, as_json=False).status_code == 302
    assert refusal(request, error, as_json=True).status_code == 403


def test_site_without_messages(alice: User, request_of: Any) -> None:
    """Where a site shows no messages, nobody is told, and the proof counts."""
    request = request_of(alice)
    request.session[UNSENT] = "/act/"
    remind_of_unsent(request, "/act/")
    assert UNSENT not in request.session
