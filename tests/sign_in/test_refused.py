"""Every refused sign-in is told to what watches sign-ins: once, and so that it lasts."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.signals import passkey_refused
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.signals import sent
from ..helpers.steps import SignedIn, answer, ask, is_signed_in, outcome, post

PASSKEYS = "otp_passkeys.backends.PasskeyBackend"


class LockedOut:
    """A backend that refuses everybody, as django-axes does after too many tries."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        raise PermissionDenied


class Broken:
    """A backend that fails."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        raise ConnectionError("directory is down")


@pytest.fixture
def attempts() -> Iterator[None]:
    """Store a row at each failed sign-in, as django-axes does."""

    def note(**_: Any) -> None:
        Group.objects.create(name=f"attempt {Group.objects.count()}")

    user_login_failed.connect(note)
    yield
    user_login_failed.disconnect(note)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ({"user_verified": False, "force": True}, "verification_failed"),
        ({"origin": "https://testserver", "rp_id": "evil.example"}, "verification_failed"),
        ({"user_handle": b"1"}, "credential_user_mismatch"),
        ({"challenge": "AAAA"}, "challenge_invalid"),
        ({"challenge": "!"}, "malformed_request"),
    ],
)
@pytest.mark.usefixtures("attempts")
def test_tells_of_each_refusal_once(
    passkey: Passkey, authenticator: Authenticator, behaviour: dict[str, Any], code: str
) -> None:
    """user_login_failed is sent once, with the request, and what it stores stays (T20)."""
    client = Client()
    with sent(user_login_failed) as failed, sent(user_logged_in) as logged_in:
        assert outcome(sign_in(client, authenticator, **behaviour)) == code
    (call,) = failed
    assert call["request"].path == "/passkeys/authenticate/"
    assert call["sender"] == "otp_passkeys.actions.authenticating"
    named = {} if code in ("challenge_invalid", "malformed_request") else {"username": "alice"}
    assert call["credentials"] == named
    assert logged_in == []
    assert Group.objects.count() == 1


@pytest.mark.usefixtures("attempts")
def test_tells_of_an_answer_given_twice(passkey: Passkey, authenticator: Authenticator) -> None:
    """A replay and an unknown passkey are failed sign-ins too (T20, T1)."""
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    Passkey.objects.update(confirmed=False)
    with sent(user_login_failed) as failed:
        first = outcome(answer(client, "authenticate", assertion))
        second = outcome(answer(client, "authenticate", assertion))
        Passkey.objects.all().delete()
        third = outcome(sign_in(client, authenticator))
    assert [first, second, third] == [
        "credential_disabled",
        "challenge_spent",
        "credential_not_found",
    ]
    assert [call["credentials"] for call in failed] == [{"username": "alice"}, {}, {}]
    assert Group.objects.count() == 3


@pytest.fixture(params=["backend", "inactive"])
def refusal(passkey: Passkey, settings: Any, request: pytest.FixtureRequest) -> None:
    """Let a backend of the site refuse alice, or Django's own because she is inactive."""
    if request.param == "backend":
        settings.AUTHENTICATION_BACKENDS = [f"{__name__}.LockedOut", PASSKEYS]
    else:
        User.objects.update(is_active=False)


def test_tells_once_of_what_a_backend_refuses(
    passkey: Passkey, authenticator: Authenticator, refusal: None
) -> None:
    """Django has told of it already; nothing is written, nobody signed in (T20, T21)."""
    before = Passkey.objects.values().get()
    client = Client()
    with sent(user_login_failed) as failed, sent(passkey_refused) as refused:
        response = sign_in(client, authenticator, backup_state=False)
    assert response.status_code == 403
    assert response.json().keys() == {"code", "detail"}
    assert outcome(response) == "credential_disabled"
    assert len(failed) == 1
    assert failed[0]["request"].path == "/passkeys/authenticate/"
    assert [call["passkey"] for call in refused] == [passkey]
    assert not is_signed_in(client)
    assert Passkey.objects.values().get() == before
    assert User.objects.get().last_login == passkey.user.last_login


@pytest.mark.usefixtures("attempts")
def test_keeps_what_is_stored_when_a_backend_refuses(
    authenticator: Authenticator, refusal: None
) -> None:
    """What django-axes stores of a refused sign-in lasts, whoever refused it (T20)."""
    for number in (1, 2):
        assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
        assert Group.objects.count() == number


def test_spends_the_challenge_that_a_backend_refuses(
    passkey: Passkey, authenticator: Authenticator, settings: Any
) -> None:
    """An answer that a backend refused is not kept for later (T6)."""
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    User.objects.update(is_active=False)
    assert outcome(answer(client, "authenticate", assertion)) == "credential_disabled"
    User.objects.update(is_active=True)
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_spent"
    assert not is_signed_in(client)


def test_refuses_the_password_that_a_backend_refuses(alice: User, settings: Any) -> None:
    """The backend of passkeys lets no password in, whatever its name."""
    settings.AUTHENTICATION_BACKENDS = [PASSKEYS]
    client = Client()
    assert not client.login(username="alice", password="correct horse battery staple")
    assert not client.login(username="alice", verified_passkey=None)


@pytest.mark.parametrize("moment", ["backend", "logged_in"])
def test_leaves_no_session_when_something_breaks(
    passkey: Passkey, authenticator: Authenticator, settings: Any, moment: str
) -> None:
    """What breaks half-way, a site's receiver say, leaves nobody half signed in (T8)."""

    def fail(**_: Any) -> None:
        raise ConnectionError("mail is down")

    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    before = Passkey.objects.values().get()
    if moment == "backend":
        settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Broken", PASSKEYS]
    else:
        user_logged_in.connect(fail)
    try:
        with sent(user_login_failed) as failed, pytest.raises(ConnectionError):
            answer(client, "authenticate", assertion)
    finally:
        user_logged_in.disconnect(fail)
    assert failed == []  # the site failed, not the user
    assert not is_signed_in(client)
    assert Passkey.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("engine", ["signed_cookies", "cache", "db"])
def test_leaves_no_session_when_the_commit_fails(
    passkey: Passkey, authenticator: Authenticator, settings: Any, engine: str
) -> None:
    """A session elsewhere than in the database is not rolled back, so it is ended (T8)."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"

    def break_commit(**_: Any) -> None:
        UserHandle.objects.create(user_id=passkey.user_id + 1000, handle=b"of nobody")

    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    before = Passkey.objects.values().get()
    user_logged_in.connect(break_commit)
    try:
        assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    finally:
        user_logged_in.disconnect(break_commit)
    assert not is_signed_in(client)
    assert Passkey.objects.values().get() == before


def test_keeps_the_session_of_a_visitor(passkey: Passkey, authenticator: Authenticator) -> None:
    """A refused sign-in takes nothing away from a visitor (T22)."""
    client = Client()
    session = client.session
    session["basket"] = "apples"
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key or ""
    assert outcome(sign_in(client, authenticator, user_handle=b"1")) == "credential_user_mismatch"
    assert client.session["basket"] == "apples"


def test_refuses_half_a_confirmation(
    passkey: Passkey, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """A refused confirmation keeps the session as it was, and is told of (T20, T22)."""
    client = signed_in(passkey.user)
    options = ask(client, "authenticate-options")
    before = dict(client.session)
    with sent(user_login_failed) as failed:
        assertion = authenticator.get(options, origin="https://evil.example")
        assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"
    assert dict(client.session) == before
    assert len(failed) == 1


def test_tells_nothing_of_a_body_that_is_no_answer(db: None) -> None:
    """A body without a credential is malformed before any account is looked at (T12)."""
    assert outcome(post(Client(), "authenticate", {})) == "malformed_request"
