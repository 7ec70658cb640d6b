"""A signal that somebody signed in is no sign-in: packages that hand out tokens send it in a session that goes on."""

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from otp_passkeys.models import Passkey
from otp_passkeys.offers import NOTE
from otp_passkeys.testing import Authenticator, register

from .conftest import PASSWORD
from .helpers.reauthentication import grow_old, keep, stored
from .helpers.steps import outcome, post

pytestmark = pytest.mark.urls(__name__)


def token(request: HttpRequest) -> HttpResponse:
    """Hand out a token to whoever is signed in, as django-rest-knox's view does, which also takes a session."""
    user_logged_in.send(sender=User, request=request, user=request.user)
    return HttpResponse("token")


urlpatterns = [path("token/", token), path("", include("tests.urls"))]


def test_token_is_no_proof(authenticator: Authenticator, browser: Client) -> None:
    """P7, P15: an old session that fetches a token has proved nothing anew, and plants no passkey."""
    grow_old(browser)
    keep(browser, **{NOTE: None})
    before = stored(browser)
    assert browser.post("/token/").status_code == 200
    assert stored(browser) == before
    assert outcome(register(browser, authenticator)) == "reauthentication_required"
    assert post(browser, "register-options", {"upgrade": True}).status_code == 204
    assert not Passkey.objects.exists()
    assert NOTE not in browser.session


def test_sign_in_over_a_session(browser: Client) -> None:
    """P7: the password that is given again on the sign-in page renews the proof of the session."""
    grow_old(browser)
    before = stored(browser)
    browser.post("/passkeys/sign-in/", {"username": "alice", "password": PASSWORD})
    assert stored(browser)["time"] > before["time"] + 600


def test_sign_in_of_a_visitor(alice: User) -> None:
    """P7: nor does a visitor's session, in which something is stored already, stand in the way."""
    client = Client()
    session = client.session
    session["basket"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    client.post("/passkeys/sign-in/", {"username": "alice", "password": PASSWORD})
    assert stored(client)["method"] == "sign_in"
