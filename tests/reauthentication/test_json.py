"""Proving who one is by JSON: a script is told the ways, gives a password or a code, and hears what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.reauthentication.marker import MARKER

from ..conftest import PASSWORD
from ..helpers.reauthentication import (
    BY_PASSKEY,
    PAGE,
    SECOND_FACTOR,
    asks,
    code_of,
    is_verified,
    keep,
    recovery_codes,
    stored,
    totp_of,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, is_signed_in, lose_password

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
JSON = "application/json"
PASSWORD_WAY = {
    "way": "password",
    "name": "password",
    "label": "Use your password",
    "fields": [{"name": "password", "label": "Password", "type": "password"}],
}
PASSKEY_WAY = {"way": "passkey", "name": "passkey", "label": "Use your passkey", "fields": []}


def told(client: Client, page: str = PAGE) -> Response:
    """Ask how to prove who one is."""
    return client.get(page, headers={"Accept": JSON})


def send(client: Client, page: str = PAGE, **body: Any) -> Response:
    """Send a proof."""
    return client.post(page, body, content_type=JSON)


def outcome(response: Response) -> tuple[int, str]:
    """Return the status and code of a refusal, which has a text for the user and nothing else."""
    body = response.json()
    assert set(body) - {"reauthenticate_url"} == {"detail", "code"}
    assert body["detail"]
    return response.status_code, body["code"]


def test_ways(alice: User, stale: Client) -> None:
    """S4.7: a script is told the ways that this user has, and what each wants to know."""
    assert told(stale).json() == {"account": "alice", "ways": [PASSWORD_WAY]}
    app, codes = totp_of(alice), recovery_codes(alice, "abc")
    stored_passkey(alice)
    before = dict(stale.session)
    by_app = {
        "way": app.persistent_id,
        "name": "token",
        "label": "Use a code from my phone",
        "fields": [{"name": "token", "label": "Code from my phone", "type": "text"}],
    }
    by_code = {
        "way": codes.persistent_id,
        "name": "token",
        "label": "Use a recovery code",
        "fields": [{"name": "token", "label": "Recovery code", "type": "text"}],
    }
    ways = {page: told(stale, page).json()["ways"] for page in (PAGE, BY_PASSKEY, SECOND_FACTOR)}
    assert ways[PAGE] == [PASSKEY_WAY, PASSWORD_WAY, by_code, by_app]
    assert ways[BY_PASSKEY] == [PASSKEY_WAY]
    assert ways[SECOND_FACTOR] == [PASSKEY_WAY, by_code, by_app, PASSWORD_WAY]
    assert dict(stale.session) == before


def test_no_password(alice: User, signed_in: SignedIn) -> None:
    """S4.7: a user without a password is not told of one."""
    lose_password(alice)
    assert told(signed_in(alice)).json() == {"account": "alice", "ways": []}


def test_password(stale: Client) -> None:
    """S4.9, T16: the proof counts, the session has a new key, and the answer says where to go."""
    key = stale.session.session_key
    response = send(stale, way="password", password=PASSWORD, next="/act/")
    assert (response.status_code, response.json()) == (200, {"redirect_url": "/act/"})
    assert stale.session.session_key != key
    assert stored(stale)["method"] == "password"
    assert stale.get("/act/").status_code == 200
    response = send(stale, asks(PAGE, "/act/"), way="password", password=PASSWORD)
    assert response.json() == {"redirect_url": "/act/"}
    response = send(stale, way="password", password=PASSWORD, next="https://evil.example/\ud800")
    assert response.json() == {"redirect_url": "/"}


def test_code(alice: User, stale: Client) -> None:
    """S4.9: the code of a device is a proof, and verifies the session."""
    app = totp_of(alice)
    body = {"way": app.persistent_id, "token": code_of(app)}
    assert send(stale, SECOND_FACTOR, **body).json() == {"redirect_url": "/"}
    assert stored(stale)["method"] == "token"
    assert is_verified(stale)
    assert outcome(send(stale, **body)) == (422, "reauthentication_failed")


def test_form_body(stale: Client) -> None:
    """S4: a form that wants JSON is answered in it, whether it proves something or not."""
    body = {"way": "password", "password": "wrong"}
    response = stale.post(PAGE, body, headers={"Accept": JSON})
    assert outcome(response) == (422, "reauthentication_failed")
    response = stale.post(PAGE, {**body, "password": PASSWORD}, headers={"Accept": JSON})
    assert response.json() == {"redirect_url": "/"}


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"way": "password", "password": "wrong"}, 422, "That password is not right. Try again."),
        ({"way": "password", "password": ""}, 422, "This field is required."),
        ({"way": "password"}, 422, "This field is required."),
        ({"way": "passkey"}, 422, "That did not work. Check it and try again."),
        ({"way": "password", "password": 5}, 400, ""),
        ({"way": "password", "password": None}, 400, ""),
        ({"way": "password", "password": [PASSWORD]}, 400, ""),
        ({"way": "password", "password": "\ud800"}, 400, ""),
        ({"way": "password", "password": PASSWORD, "next": 5}, 400, ""),
        ({"way": ["password"], "password": PASSWORD}, 400, ""),
        ({"way": "token", "token": "123456"}, 400, ""),
        ({"way": "choose", "password": PASSWORD}, 400, ""),
        ({"password": PASSWORD}, 400, ""),
    ],
)
def test_refused(
    alice: User, stale: Client, body: dict[str, Any], status: int, detail: str
) -> None:
    """S4.7, T12: what proves nothing is said in the words of the form; what nobody could mean is malformed."""
    stored_passkey(alice)
    before, key = stored(stale), stale.session.session_key
    response = send(stale, **body)
    code = {422: "reauthentication_failed", 400: "malformed_request"}[status]
    assert outcome(response) == (status, code)
    assert detail in response.json()["detail"]
    assert (stored(stale), stale.session.session_key) == (before, key)


def test_another_users_way(stale: Client, eve: User) -> None:
    """S4.7: the device of another user is a way that this one does not have, whatever its code."""
    app = totp_of(eve)
    response = send(stale, way=app.persistent_id, token=code_of(app))
    assert outcome(response) == (400, "malformed_request")


def test_throttled(stale: Client, settings: Any) -> None:
    """T20, T31, F5: the site's limit and that of guesses are answered with the time to wait; nothing is judged then."""
    settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: 7
    response = send(stale, way="password", password=PASSWORD)
    assert outcome(response) == (429, "throttled")
    assert response.headers["Retry-After"] == "7"
    settings.OTP_PASSKEYS_THROTTLE = None
    for _ in range(10):
        send(stale, way="password", password="wrong")
    response = send(stale, way="password", password=PASSWORD)
    assert outcome(response) == (429, "throttled")
    assert 0 < int(response.headers["Retry-After"]) <= 600


@pytest.mark.parametrize("page", [PAGE, BY_PASSKEY, SECOND_FACTOR])
def test_who_may_not(stale: Client, page: str, settings: Any) -> None:
    """P13, T21, S1.12, P3: not while impersonated, nor without a user, an active one, or a token."""
    body = {"way": "password", "password": PASSWORD}
    visitor = Client()
    for response in (told(visitor, page), send(visitor, page, **body)):
        assert outcome(response) == (401, "not_authenticated")
        assert response.json()["reauthenticate_url"] == PAGE
    checked = Client(enforce_csrf_checks=True)
    checked.cookies = stale.cookies
    assert send(checked, page, **body).status_code == 403
    before = stored(stale)
    keep(stale, hijack_history=["1"])
    for response in (told(stale, page), send(stale, page, **body)):
        assert outcome(response) == (403, "impersonated")
    keep(stale, hijack_history=None)
    lenient = "django.contrib.auth.backends.AllowAllUsersModelBackend"
    settings.AUTHENTICATION_BACKENDS = [lenient, *site.AUTHENTICATION_BACKENDS]
    keep(stale, _auth_user_backend=lenient)
    User.objects.update(is_active=False)
    for response in (told(stale, page), send(stale, page, **body)):
        assert outcome(response) == (401, "not_authenticated")
        assert "reauthenticate_url" not in response.json()
    assert stored(stale) == before


@pytest.mark.parametrize("page", [BY_PASSKEY, SECOND_FACTOR])
def test_another_step_follows(alice: User, stale: Client, page: str) -> None:
    """T23: where a password comes first, the answer names the ways that count now, and the page that asks for them."""
    stored_passkey(alice, second_step_only=True)
    assert told(stale, page).json()["ways"] == [PASSWORD_WAY, PASSKEY_WAY]
    response = send(stale, page, way="password", password=PASSWORD, next="/act/")
    assert response.json() == {
        "redirect_url": asks(page, "/act/"),
        "account": "alice",
        "ways": [PASSKEY_WAY],
    }
    assert told(stale, page).json()["ways"] == [PASSKEY_WAY]


def test_sign_in_again(alice: User, stale: Client) -> None:
    """S4.7: a script may let users without a way sign in again, which signs them out first."""
    response = send(stale, way="sign-in", next="/act/")
    assert response.json() == {"redirect_url": "/passkeys/sign-in/?next=/act/"}
    assert not is_signed_in(stale)
    assert MARKER not in stale.session
