"""The cookie that remembers accounts: what it holds, when it counts, and that it opens nothing."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from otp_passkeys import remembered
from otp_passkeys.models import Passkey
from otp_passkeys.remembered import COOKIE, MAX_ACCOUNTS, MAX_AGE, MAX_LENGTH
from otp_passkeys.remembered.cookie import Cookie, Entry, read, write
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers import remembered as browser
from ..helpers.remembered import names, remembering, sign_in_by_password, signed_in_by_password
from ..helpers.steps import is_signed_in

Count = Callable[..., Any]


@pytest.mark.parametrize("way", ["password", "passkey"])
def test_sign_in_sets_it(
    passkey: Passkey, authenticator: Authenticator, settings: Any, way: str
) -> None:
    """The ready views set it: HttpOnly, SameSite, bounded, and where the session's cookie is (S4.12)."""
    settings.SESSION_COOKIE_PATH = "/app/"
    settings.SESSION_COOKIE_DOMAIN = "example.com"
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    if way == "password":
        sign_in_by_password(client, passkey.user)
    else:
        assert sign_in(client, authenticator).status_code == 200
    cookie = client.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == MAX_AGE <= 400 * 24 * 3600
    assert (cookie["path"], cookie["domain"]) == ("/app/", "example.com")
    assert cookie["secure"]
    settings.SESSION_COOKIE_SECURE = False
    assert not remembering(passkey.user).cookies[COOKIE]["secure"]


def test_holds_nothing_personal(passkey: Passkey, alice: User) -> None:
    """Neither a credential ID nor a name is in it, nor what the session is bound to (S4.12)."""
    client = signed_in_by_password(alice)
    text = browser.readable(client) + browser.value(client)
    for secret in (
        passkey.id_base64url,
        bytes(passkey.credential_id).hex(),
        alice.email,
        alice.last_name,
        alice.password,
        client.session[HASH_SESSION_KEY],
        client.session.session_key or "",
    ):
        assert secret not in text
    [version, _, _, [[pk, digest, moment]]] = browser.content(client)
    assert (version, pk, len(digest)) == (1, str(alice.pk), 22)
    assert abs(time.time() - moment) < 10


def test_opens_nothing(alice: User, eve: User) -> None:
    """Who copies it sees the names, and is nobody (S4.12)."""
    thief = Client()
    thief.cookies[COOKIE] = browser.value(remembering(alice))
    assert names(thief) == ["alice"]
    assert not is_signed_in(thief)
    assert thief.get("/passkeys/").status_code == 302
    [selector] = browser.selectors(thief)
    eves = browser.post_password(thief, account=selector, username="eve", password="wrong")
    assert eves.status_code == 200
    assert not is_signed_in(thief)


def change_password(user: User) -> None:
    """Give a user a new password."""
    user.set_password("another")
    user.save()


def deactivate(user: User) -> None:
    """Switch a user off."""
    user.is_active = False
    user.save()


def delete(user: User) -> None:
    """Delete a user."""
    user.delete()


@pytest.mark.parametrize("end", [change_password, deactivate, delete])
def test_is_void(passkey: Passkey, alice: User, bob: User, end: Callable[[User], None]) -> None:
    """A new password, deactivation or deletion voids the entry, and no other (S4.12)."""
    client = remembering(bob, alice)
    assert names(client) == ["alice", "bob"]
    [selector, _] = browser.selectors(client)
    assert len(browser.options_for(client, selector)["allowCredentials"]) == 1
    end(alice)
    assert names(client) == ["bob"]
    assert browser.options_for(client, selector)["allowCredentials"] == []
    assert "Account:" not in browser.page(client, account=selector)
    again = browser.post_password(client, account=selector, password=PASSWORD)
    assert again.status_code == 302
    assert not is_signed_in(client)


def test_survives_a_rotated_key(alice: User, settings: Any) -> None:
    """A SECRET_KEY among the fallbacks still reads it, a lost one does not (S4.12)."""
    client = remembering(alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    assert names(client) == ["alice"]
    settings.SECRET_KEY_FALLBACKS = []
    assert names(client) == []


def test_keeps_five(db: None) -> None:
    """The newest five accounts are kept, the newest first, each once (S4.13)."""
    users = [User.objects.create_user(f"user{n}", password=PASSWORD) for n in range(7)]
    client = remembering(*users, users[3])
    assert names(client) == ["user3", "user6", "user5", "user4", "user2"]
    assert len(browser.content(client)[3]) == MAX_ACCOUNTS
    assert len(browser.value(client)) <= MAX_LENGTH


def test_stays_small(rf: Any) -> None:
    """Long primary keys push the oldest accounts out, or are not remembered at all (S4.12)."""
    entries = tuple(Entry(str(n) * 400, "d" * 22, int(time.time())) for n in range(5))
    response, request = HttpResponse(), rf.get("/")
    write(response, Cookie("r" * 16, is_active=True, entries=entries))
    request.COOKIES[COOKIE] = response.cookies[COOKIE].value
    assert len(request.COOKIES[COOKIE]) <= MAX_LENGTH
    kept = read(request).entries
    assert 1 <= len(kept) < 5
    assert kept == entries[: len(kept)]
    write(response, Cookie("r" * 16, entries=(Entry("x" * 4000, "d" * 22, int(time.time())),)))
    assert response.cookies[COOKIE].value == ""


def test_can_be_turned_off(alice: User, bob: User, settings: Any) -> None:
    """The setting makes it neither written nor read (S4.12)."""
    client = remembering(bob)
    settings.OTP_PASSKEYS_REMEMBER_ACCOUNTS = False
    before = browser.value(client)
    assert names(client) == []
    assert sign_in_by_password(client, alice, next="/passkeys/").url == "/passkeys/"  # type: ignore[attr-defined]
    assert browser.value(client) == before
    assert COOKIE not in remembering(alice).cookies


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("bob@example.com", "b…@e….com"), ("bob@mail.example.co.uk", "b…@m….uk"),
        ("b@localhost", "b…@l…"), ("bob", "b…"), ("@example", "@…"), ("bob@", "b…"),
        ("o@c@example.com", "o…@e….com"),
    ],
)  # fmt: skip
def test_masks(db: None, settings: Any, name: str, shown: str) -> None:
    """With the setting, names are shown in part until somebody has signed in (S4.13)."""
    client = remembering(User.objects.create_user(name, password=PASSWORD))
    assert names(client) == [name]
    settings.OTP_PASSKEYS_REMEMBER_ACCOUNTS = "masked"
    assert names(client) == [shown]
    [selector] = browser.selectors(client)
    texts = [browser.page(client), browser.page(client, account=selector)]
    wrong = browser.post_password(client, account=selector, password="wrong")
    for page in [*texts, wrong.content.decode()]:
        text = page.replace("<wbr>", "")  # a long one may break there
        assert shown in text
        assert shown == name or f"{name}<" not in text.replace('"', "<")


def test_asks_once(passkey: Passkey, alice: User, bob: User, eve: User, count: Count) -> None:
    """All accounts of a cookie cost one statement and their passkeys another, and no cookie costs none (S4.13)."""
    client = remembering(alice, bob, eve)
    with count(statements=2):
        assert names(client) == ["eve", "bob", "alice"]
    with count(statements=0):
        assert names(Client()) == []
    with count(statements=0):
        browser.options_for(Client(), "x")
    [_, _, selector] = browser.selectors(client)
    with count(statements=2):
        assert browser.options_for(client, selector)["allowCredentials"]


def test_names_nobody_without_a_user(rf: Any, db: None) -> None:
    """Nothing is remembered of a visitor (S4.12)."""
    from django.contrib.auth.models import AnonymousUser

    request, response = rf.get("/"), HttpResponse()
    request.user, request.session = AnonymousUser(), {}
    remembered.remember(request, response)
    assert not response.cookies
