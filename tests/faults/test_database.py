"""The database goes away: the answer is clear, nothing is half written, the next try works."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import close_old_connections, connection
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.signals import passkey_used
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.faults import at, delete, kill_connection
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, answer, ask, is_signed_in, outcome, post

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Moment:
    """When the connection is lost: at a signal of Django's."""

    signal: Signal
    sender: Any


SIGN_IN = {
    "at the spend": Moment(pre_save, SpentChallenge),
    "after the spend": Moment(post_save, SpentChallenge),
    "half signed in": Moment(user_logged_in, User),
}
REGISTRATION = {
    "at the spend": Moment(pre_save, SpentChallenge),
    "at the insert": Moment(pre_save, Passkey),
    "before the commit": Moment(post_save, Passkey),
}
DELETION = {
    "at the delete": Moment(pre_delete, Passkey),
    "before the commit": Moment(post_delete, Passkey),
}


@pytest.fixture(autouse=True)
def new_connection(transactional_db: None) -> Iterator[None]:
    """Leave no broken connection to the next test, nor to what cleans up."""
    yield
    connection.close()


@pytest.mark.server_database
@pytest.mark.usefixtures("passkey", "atomic_requests")
def test_lost_before_the_answer(client: Client, authenticator: Authenticator) -> None:
    """A connection that was ended between asking and answering costs one try, and no challenge."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    kill_connection()
    assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    assert not SpentChallenge.objects.exists()
    assert not is_signed_in(client)
    assert outcome(answer(client, "authenticate", assertion)) == "200"


@pytest.mark.server_database
@pytest.mark.parametrize("moment", SIGN_IN.values(), ids=SIGN_IN)
def test_lost_while_signing_in(
    client: Client,
    passkey: Passkey,
    authenticator: Authenticator,
    moment: Moment,
    atomic_requests: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody is signed in, no session is left, nothing is spent."""
    sessions = Session.objects.count()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with at(moment.signal, moment.sender, kill_connection) as happened:
        assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    assert happened
    assert "try_again" in caplog.text
    assert not is_signed_in(client)
    assert Session.objects.count() == sessions
    assert not SpentChallenge.objects.exists()
    assert Passkey.objects.get().last_used_at is None
    assert sign_in(client, authenticator).status_code == 200
    assert is_signed_in(client)


@pytest.mark.server_database
@pytest.mark.database_sessions
@pytest.mark.usefixtures("passkey", "atomic_requests")
def test_lost_after_the_commit(client: Client, authenticator: Authenticator) -> None:
    """The use is recorded, but Django can't save the session and says so: nobody is signed in by half."""
    client.raise_request_exception = False
    Session.objects.all().delete()  # alice's own
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with at(passkey_used, Passkey, kill_connection) as happened:
        assert answer(client, "authenticate", assertion).status_code in {400, 500}
    assert happened
    close_old_connections()  # as Django does after each request of a real server
    assert not [one for one in Session.objects.all() if SESSION_KEY in one.get_decoded()]
    assert not is_signed_in(client)
    assert sign_in(client, authenticator).status_code == 200
    assert is_signed_in(client)


@pytest.mark.usefixtures("passkey", "atomic_requests")
def test_receiver_fails(client: Client, authenticator: Authenticator) -> None:
    """T6: the site answers 500, and the challenge is spent all the same."""

    def fail(**_: Any) -> None:
        raise RuntimeError("of the site")

    client.raise_request_exception = False
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with at(user_logged_in, User, fail):
        assert answer(client, "authenticate", assertion).status_code == 500
    assert not is_signed_in(client)
    assert outcome(answer(client, "authenticate", assertion)) in {
        "challenge_spent",
        "challenge_invalid",  # where the sign-in came far enough for a new CSRF secret
    }
    assert SpentChallenge.objects.count() == 1
    assert sign_in(client, authenticator).status_code == 200


@pytest.mark.server_database
@pytest.mark.parametrize("moment", REGISTRATION.values(), ids=REGISTRATION)
def test_lost_while_registering(
    authenticator: Authenticator,
    moment: Moment,
    atomic_requests: None,
    mailoutbox: list[Any],
    browser: Client,
) -> None:
    """No passkey is stored and none announced; the browser, which has saved it, can send it again."""
    made = authenticator.create(ask(browser, "register-options"))
    with at(moment.signal, moment.sender, kill_connection) as happened:
        assert outcome(answer(browser, "register", made)) == "try_again"
    assert happened
    assert not Passkey.objects.exists()
    assert not SpentChallenge.objects.exists()
    assert not mailoutbox
    assert is_signed_in(browser)
    assert outcome(answer(browser, "register", made)) == "201"
    assert len(mailoutbox) == 1


@pytest.mark.server_database
@pytest.mark.parametrize("moment", DELETION.values(), ids=DELETION)
def test_lost_while_deleting(
    alice: User, signed_in: SignedIn, moment: Moment, atomic_requests: None, mailoutbox: list[Any]
) -> None:
    """The passkey stays, and no list without it is signalled."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    with at(moment.signal, moment.sender, kill_connection) as happened:
        assert delete(client, passkey) == "try_again"
    assert happened
    assert Passkey.objects.get() == passkey
    assert UserHandle.objects.get().emptied_at is None
    assert not mailoutbox
    assert delete(client, passkey) == "204"
    assert len(mailoutbox) == 1


@pytest.mark.server_database
def test_lost_at_the_first_handle(atomic_requests: None, browser: Client) -> None:
    """The one thing that a beginning writes is not written, and then it is."""
    with at(pre_save, UserHandle, kill_connection) as happened:
        assert outcome(post(browser, "register-options")) == "try_again"
    assert happened
    assert not UserHandle.objects.exists()
    assert outcome(post(browser, "register-options")) == "200"


@pytest.mark.server_database
def test_page_is_an_answer_too(alice: User, signed_in: SignedIn) -> None:
    """Without JavaScript the user reads the same sentence, on a page."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    with at(pre_delete, Passkey, kill_connection):
        response = client.post(reverse("otp_passkeys:delete", args=[passkey.pk]))
    assert response.status_code == 409
    assert "The site was busy. Try again." in response.content.decode()
