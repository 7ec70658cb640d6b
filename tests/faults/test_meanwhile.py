"""What changes between asking and answering: the session, the account, the passkey, the clock."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.exceptions import PasskeyNotFound
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.faults import at
from ..helpers.reauthentication import give
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, answer, ask, copy, enrol, is_signed_in, outcome, post

pytestmark = pytest.mark.django_db(transaction=True)
MINUTES = 60


def end_session(client: Client) -> None:
    """End the session of a browser on the server, as a support command does."""
    copy(client).session.flush()


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what sets the clock forward, or back."""
    true_time = time.time

    def set_clock(seconds: int) -> None:
        monkeypatch.setattr(time, "time", lambda: true_time() + seconds)

    return set_clock


@pytest.mark.server_sessions
def test_session_ends_before_a_registration(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, atomic_requests: None
) -> None:
    """T11: nobody is signed in any more, so nothing is stored; after a new sign-in it works."""
    client = signed_in(alice)
    made = authenticator.create(ask(client, "register-options"))
    end_session(client)
    assert outcome(answer(client, "register", made)) == "not_authenticated"
    assert not Passkey.objects.exists()
    assert register(signed_in(alice), Authenticator()).status_code == 201


@pytest.mark.server_sessions
def test_session_ends_before_a_confirmation(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, atomic_requests: None
) -> None:
    """T5: an answer meant to confirm a session that has ended opens no other."""
    enrol(signed_in(alice), authenticator)
    client = signed_in(alice)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    end_session(client)
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_invalid"
    assert not is_signed_in(client)
    assert sign_in(client, authenticator).status_code == 200


@pytest.mark.server_sessions
@pytest.mark.database_sessions
def test_session_ends_during_a_registration(browser: Client) -> None:
    """A user who signs out in another tab meanwhile: Django answers 400, and the list has the passkey."""
    made = Authenticator().create(ask(browser, "register-options"))
    with at(post_save, Passkey, lambda **_: Session.objects.all().delete()):
        assert answer(browser, "register", made).status_code == 400
    assert not is_signed_in(browser)
    # The browser has saved it too: both know it, and it signs in.
    assert Passkey.objects.count() == 1


@pytest.mark.server_sessions
@pytest.mark.database_sessions
@pytest.mark.parametrize("way", ["password", "passkey"])
def test_session_ends_during_a_confirmation(
    passkey: Passkey, authenticator: Authenticator, settings: Any, way: str, browser: Client
) -> None:
    """T16: a session that its user ends in another tab meanwhile does not live on under a new key."""
    if way == "password":
        # Asked just before the password is judged, when the session has long been read.
        settings.OTP_PASSKEYS_THROTTLE = lambda *_: Session.objects.all().delete() and None
        response = give(browser, password=PASSWORD)
    else:
        assertion = authenticator.get(ask(browser, "authenticate-options"))
        with at(post_save, SpentChallenge, lambda **_: Session.objects.all().delete()):
            response = answer(browser, "authenticate", assertion)
    assert response.status_code == 400
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda alice: User.objects.update(is_active=False), "credential_disabled"),
        (lambda alice: alice.delete(), "credential_not_found"),
        (lambda alice: Passkey.objects.all().delete(), "credential_not_found"),
        (lambda alice: Passkey.objects.update(confirmed=False), "credential_disabled"),
    ],
    ids=["deactivated", "deleted", "passkey deleted", "passkey disabled"],
)
def test_account_changes_before_a_sign_in(
    client: Client,
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    atomic_requests: None,
    change: Callable[[User], Any],
    code: str,
) -> None:
    """T11: refused, nobody is signed in, and what is put right works at the next try."""
    enrol(signed_in(alice), authenticator)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    change(alice)
    used = list(Passkey.objects.values_list("last_used_at", flat=True))
    assert outcome(answer(client, "authenticate", assertion)) == code
    assert not is_signed_in(client)
    assert list(Passkey.objects.values_list("last_used_at", flat=True)) == used
    again = User.objects.filter(username="alice").first() or User.objects.create_user("alice")
    User.objects.update(is_active=True)
    Passkey.objects.update(confirmed=True)
    if not Passkey.objects.exists():
        enrol(signed_in(again), authenticator)
    assert sign_in(client, authenticator).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda alice: User.objects.update(is_active=False), "not_authenticated"),
        (lambda alice: alice.delete(), "not_authenticated"),
    ],
    ids=["deactivated", "deleted"],
)
def test_account_changes_before_a_registration(
    alice: User,
    authenticator: Authenticator,
    atomic_requests: None,
    change: Callable[[User], Any],
    code: str,
    browser: Client,
) -> None:
    """T11: nothing is stored for an account that is gone or switched off."""
    made = authenticator.create(ask(browser, "register-options"))
    change(alice)
    assert outcome(answer(browser, "register", made)) == code
    assert not Passkey.objects.exists()


@pytest.mark.parametrize(
    ("jump", "code"),
    [
        (5 * MINUTES, "200"),  # younger than ten minutes
        (-5 * MINUTES, "challenge_invalid"),  # more than a minute ahead of the clock
        (11 * MINUTES, "challenge_expired"),
    ],
)
def test_clock_jumps_before_a_sign_in(
    client: Client,
    authenticator: Authenticator,
    shift: Callable[[int], None],
    jump: int,
    code: str,
    browser: Client,
) -> None:
    """T4: forward it is as if the user had waited; back, the challenge is of the future. The next try works."""
    enrol(browser, authenticator)
    assertion = authenticator.get(ask(client, "authenticate-options"))
    shift(jump)
    assert outcome(answer(client, "authenticate", assertion)) == code
    assert is_signed_in(client) == (code == "200")
    assert sign_in(client, authenticator).status_code == 200
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("jump", "code", "beginning"),
    [
        (5 * MINUTES, "201", "200"),
        # The proof of who the user is is of the future as well: they are asked once more.
        (-5 * MINUTES, "challenge_invalid", "reauthentication_required"),
    ],
)
def test_clock_jumps_before_a_registration(
    authenticator: Authenticator,
    shift: Callable[[int], None],
    jump: int,
    code: str,
    beginning: str,
    browser: Client,
) -> None:
    """T4, P7: after a jump back the user proves anew who they are, and goes on."""
    made = authenticator.create(ask(browser, "register-options"))
    shift(jump)
    assert outcome(answer(browser, "register", made)) == code
    assert Passkey.objects.count() == (code == "201")
    assert outcome(post(browser, "register-options")) == beginning
    proof = {"way": "password", "password": PASSWORD}
    if beginning != "200":
        page = reverse("otp_passkeys:reauthenticate")
        assert browser.post(page, proof, secure=True).status_code == 302
    assert register(browser, Authenticator()).status_code == 201


@pytest.mark.parametrize("by_command", [True, False])
def test_account_gone(alice: User, signed_in: SignedIn, by_command: bool) -> None:
    """T11: a passkey whose owner has just gone is one that is not there, and no error of the server."""
    passkey = stored_passkey(alice)
    request = signed_in(alice).get("/").wsgi_request
    user = request.user
    assert user.is_verified()
    pk = passkey.pk
    User.objects.filter(pk=alice.pk).delete()
    with pytest.raises(PasskeyNotFound):
        actions.delete(user=user, pk=pk, request=None if by_command else request)
