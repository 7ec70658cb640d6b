"""One story on every session engine, with and without ATOMIC_REQUESTS and CSRF_USE_SESSIONS.

The engines that cache use the cache that the environment names: `nox -s sessions` names a Redis.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.steps import is_signed_in, outcome

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db(transaction=True)
ENGINES = ["db", "cache", "cached_db", "file", "signed_cookies"]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> str:
    """Use each session engine."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["CSRF cookie", "CSRF_USE_SESSIONS"])
def csrf_use_sessions(request: pytest.FixtureRequest, settings: Any) -> bool:
    """Keep the CSRF secret in a cookie, and in the session."""
    settings.CSRF_USE_SESSIONS = request.param
    return bool(request.param)


class Browser:
    """A browser whose every post needs the token that the page at hand has, wherever the secret is kept."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)

    def post(self, name: str, body: dict[str, Any], *arguments: object) -> Response:
        """Open a page with a form, and post JSON with its token."""
        page = self.client.get(reverse("otp_passkeys:sign-in"), secure=True)
        if page.status_code != 200:  # who is signed in is sent on
            page = self.client.get(reverse("otp_passkeys:list"), secure=True)
        return self.client.post(
            reverse(f"otp_passkeys:{name}", args=arguments),
            body,
            content_type="application/json",
            secure=True,
            headers={
                "X-CSRFToken": str(page.context["csrf_token"]),
                "Origin": "https://testserver",
                "Referer": "https://testserver/",
            },
        )

    def ask(self, name: str) -> dict[str, Any]:
        """Return the options of a ceremony."""
        response = self.post(name, {})
        assert response.status_code == 200, response.content
        options: dict[str, Any] = response.json()
        return options

    def answer(self, name: str, credential: dict[str, Any]) -> str:
        """Finish a ceremony, and return what was answered."""
        return outcome(self.post(name, {"credential": credential}))

    def sync(self) -> str:
        """Return the token of the sync that is due, empty if none is."""
        response = self.client.get(reverse("otp_passkeys:sync"), secure=True)
        return str(response.json()["token"])

    def password(self) -> None:
        """Sign alice in by her password."""
        page = self.client.get(reverse("otp_passkeys:sign-in"), secure=True)
        token = str(page.context["csrf_token"])
        body = {"username": "alice", "password": PASSWORD, "csrfmiddlewaretoken": token}
        referer = {"Referer": "https://testserver/"}
        url = reverse("otp_passkeys:sign-in")
        response = self.client.post(url, body, secure=True, headers=referer)
        assert response.status_code == 302

    def sign_out(self) -> None:
        """Sign out, as the site's own view does."""
        self.client.logout()


def test_story(alice: User, engine: str, csrf_use_sessions: bool, atomic_requests: None) -> None:
    """T1, T3, S2.1: register, sync, confirm, delete, sign out, sign in, replay."""
    authenticator, browser = Authenticator(), Browser()
    browser.password()
    for _ in range(2):
        made = authenticator.create(browser.ask("register-options"), force=True)
        assert browser.answer("register", made) == "201"
        assert browser.answer("register", made) == "challenge_spent"
    assert Passkey.objects.count() == 2
    # The sync is due until the browser has reported, and then it is not.
    token = browser.sync()
    assert token
    assert token == browser.sync()
    assert browser.post("sync", {"token": token}).status_code == 204
    assert browser.sync() == ""
    # Confirm.
    assertion = authenticator.get(browser.ask("authenticate-options"))
    assert browser.answer("authenticate", assertion) == "200"
    assert browser.answer("authenticate", assertion) in {"challenge_spent", "challenge_invalid"}
    # Delete, which makes a sync due again.
    oldest = Passkey.objects.order_by("pk")[0]
    assert browser.post("delete", {}, oldest.pk).status_code == 204
    assert browser.sync()
    browser.sign_out()
    assert not is_signed_in(browser.client)
    # Sign in; the same answer is good for nothing afterwards, in any browser.
    options = browser.ask("authenticate-options")
    before = Browser()
    before.client.cookies.load(
        {name: morsel.value for name, morsel in browser.client.cookies.items()}
    )
    assertion = authenticator.get(options)
    assert browser.answer("authenticate", assertion) == "200"
    assert is_signed_in(browser.client)
    assert browser.sync()
    assert before.answer("authenticate", assertion) in {"challenge_spent", "challenge_invalid"}
    assert not is_signed_in(before.client)


@pytest.mark.usefixtures("engine", "csrf_use_sessions")
def test_another_browser(alice: User) -> None:
    """T5: the challenge is bound to the browser, wherever its secret is kept."""
    authenticator, browser, eves = Authenticator(), Browser(), Browser()
    browser.password()
    made = authenticator.create(browser.ask("register-options"))
    assert browser.answer("register", made) == "201"
    browser.sign_out()
    options = browser.ask("authenticate-options")
    eves.ask("authenticate-options")  # she has a secret of her own
    assert eves.answer("authenticate", authenticator.get(options)) == "challenge_invalid"
    assert not is_signed_in(eves.client)
    # Her try could not even spend it.
    assert browser.answer("authenticate", authenticator.get(options)) == "200"
    assert is_signed_in(browser.client)
