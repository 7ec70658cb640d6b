"""An inactive user whom a backend of the site lets in all the same: they prove and change nothing, and read why."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.reauthentication import is_verified, stored
from ..helpers.steps import answer, ask, outcome, post
from ..helpers.sync import is_flagged, settle

ALL = "django.contrib.auth.backends.AllowAllUsersModelBackend"
WORDS = "This account is switched off."
pytestmark = pytest.mark.urls("tests.reauthentication.urls")


@pytest.fixture
def client(passkey: Passkey, authenticator: Authenticator, settings: Any) -> Client:
    """Sign alice in with her passkey, on a site that lets in whoever was switched off."""
    settings.AUTHENTICATION_BACKENDS = [ALL, *settings.AUTHENTICATION_BACKENDS]
    User.objects.update(is_active=False)
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    return client


@pytest.mark.parametrize("path", ["", "reauthenticate/", "sign-out-elsewhere/"])
def test_pages_say_why(client: Client, path: str) -> None:
    """T21: to sign in again would lead back to the page, so the page says that the account is off."""
    page = client.get(f"/passkeys/{path}")
    assert (page.status_code, WORDS in page.content.decode().replace("&#x27;", "'")) == (401, True)
    fragment = client.get(f"/passkeys/{path}", headers={"HX-Request": "true"})
    assert "HX-Redirect" not in fragment.headers


def test_scripts_are_told(client: Client) -> None:
    """T21: JSON keeps its code, and does not say that nobody is signed in."""
    for name in ("register-options", "register", "authenticate-options", "authenticate"):
        response = post(client, name)
        assert outcome(response) == "not_authenticated"
        assert response.json()["detail"].startswith(WORDS)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_views_of_the_site(client: Client, headers: dict[str, str]) -> None:
    """T21: a protected view is forbidden, and sends nobody to the sign-in page and back."""
    assert client.get("/act/", headers=headers).status_code == 403


def test_sync(client: Client) -> None:
    """Y5: what signs in is in step with the browser, whose report is taken."""
    assert is_flagged(client)
    settle(client)


def test_nothing_is_offered(client: Client, alice: User) -> None:
    """T21: after a sign-in by a password no passkey is offered, which could not be added."""
    alice.refresh_from_db()
    client.logout()
    client.force_login(alice, backend=ALL)
    assert "otp_passkeys_offer" not in client.session
    User.objects.update(is_active=True)
    alice.refresh_from_db()
    client.logout()
    client.force_login(alice, backend=ALL)
    assert "otp_passkeys_offer" in client.session


@pytest.mark.usefixtures("passkey")
def test_confirms_nothing(authenticator: Authenticator, alice: User, settings: Any) -> None:
    """T21, T11: nor is a confirmation finished that was begun before the account was switched off."""
    settings.AUTHENTICATION_BACKENDS = [ALL, *settings.AUTHENTICATION_BACKENDS]
    client = Client()
    client.force_login(alice, backend=ALL)
    before = stored(client)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    User.objects.update(is_active=False)
    assert outcome(answer(client, "authenticate", assertion)) == "not_authenticated"
    assert not is_verified(client)
    assert stored(client) == before
