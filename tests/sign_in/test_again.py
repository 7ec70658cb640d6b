"""A sign-in by whoever is signed in already: Django keeps the key of the session then."""

from typing import Any

import pytest
from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from otp_passkeys.testing import Authenticator, register

from ..conftest import PASSWORD
from ..helpers.reauthentication import grow_old, stored
from ..helpers.steps import SignedIn, copy, is_signed_in, outcome

PAGES = ["/passkeys/sign-in/", "/admin/login/"]


def sign_in_again(client: Client, page: str, user: str = "alice") -> Any:
    """Give a name and the password on a page, while somebody is signed in."""
    return client.post(page, {"username": user, "password": PASSWORD}, secure=True)


@pytest.fixture
def client(alice: User, signed_in: SignedIn) -> Client:
    """Sign alice in, who may use the admin's sign-in page too; the proof is too old for anything."""
    User.objects.update(is_staff=True)
    client = signed_in(alice)
    grow_old(client)
    return client


@pytest.mark.server_sessions
@pytest.mark.parametrize("page", PAGES)
def test_the_key_is_new(client: Client, authenticator: Authenticator, page: str) -> None:
    """T16: whoever has copied the cookie of the session gets no proof when its user signs in once more."""
    eve = copy(client)
    assert outcome(register(eve, authenticator)) == "reauthentication_required"
    assert sign_in_again(client, page).status_code == 302
    assert not is_signed_in(eve)
    assert outcome(register(eve, authenticator)) == "not_authenticated"
    assert is_signed_in(client)
    assert outcome(register(client, authenticator)) == "201"


@pytest.mark.database_sessions
def test_a_session_that_is_ended_meanwhile(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """T16: a session that is ended in another tab meanwhile does not come back under the new key."""

    def end_meanwhile(*args: Any, **kwargs: Any) -> Any:
        Session.objects.all().delete()
        return auth.authenticate(*args, **kwargs)

    monkeypatch.setattr("django.contrib.auth.forms.authenticate", end_meanwhile)
    # This page looks at the session before it asks for the password; the app's own does so afterwards.
    assert sign_in_again(client, "/admin/login/").status_code == 400
    assert not Session.objects.exists()


def test_another_user(client: Client, eve: User) -> None:
    """T16: as somebody else, the session is another one, as Django has it; the app's own page signs nobody in so."""
    before = client.cookies["sessionid"].value
    User.objects.update(is_staff=True)
    assert sign_in_again(client, "/admin/login/", "eve").status_code == 302
    assert client.cookies["sessionid"].value != before
    assert stored(client)["binding"].startswith(f"{eve.pk}:")
