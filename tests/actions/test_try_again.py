"""The database may ask for a repetition: the answer is then 409, and nothing is recorded."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.test import Client

from otp_passkeys.actions.spending import spending
from otp_passkeys.challenges import Purpose
from otp_passkeys.credentials import read_credential
from otp_passkeys.exceptions import TryAgain
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.faults import IMPATIENT, meanwhile
from ..helpers.steps import SignedIn, answer, ask, is_signed_in, issue, outcome, request_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("passkey")]

READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET default_transaction_read_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
}


@pytest.fixture
def configure() -> Iterator[Callable[[dict[str, str]], None]]:
    """Return what sets an option of this connection, until the test is over."""

    def execute(statements: dict[str, str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statements[connection.vendor])

    yield execute
    connection.close()  # the next one has its defaults


def test_row_is_locked(
    client: Client,
    authenticator: Authenticator,
    passkey: Passkey,
    configure: Callable[[dict[str, str]], None],
) -> None:
    """DESIGN's 409: who waits too long for a lock is asked to try again, and then gets in."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    configure(IMPATIENT)
    with meanwhile(lambda: Passkey.objects.filter(pk=passkey.pk).update(nickname="held")):
        assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    assert not is_signed_in(client)
    assert not SpentChallenge.objects.exists()
    assert outcome(answer(client, "authenticate", assertion)) == "200"


@pytest.mark.postgresql
def test_deadlock(
    alice: User, client: Client, authenticator: Authenticator, passkey: Passkey
) -> None:
    """DESIGN's 409: so is who is ended because two wait for each other, half signed in already."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with meanwhile(
        lambda: User.objects.filter(pk=alice.pk).update(first_name="Held"),
        # The sign-in holds the passkey by now and waits for the user. It waits longer, so it is ended.
        lambda: time.sleep(0.5),
        lambda: Passkey.objects.filter(pk=passkey.pk).update(nickname="held"),
    ):
        assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    assert not is_signed_in(client)
    assert not SpentChallenge.objects.exists()
    assert sign_in(client, authenticator).status_code == 200


def test_other_trouble_is_not_hidden(
    client: Client, authenticator: Authenticator, configure: Callable[[dict[str, str]], None]
) -> None:
    """To try again would not help here: the site's own error page and log say so."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    configure(READ_ONLY)
    with pytest.raises(DatabaseError):
        answer(client, "authenticate", assertion)


def test_commit_fails(
    alice: User, client: Client, authenticator: Authenticator, passkey: Passkey
) -> None:
    """T11: where only the commit finds that the user has gone, that is 409 and not 500."""
    options = ask(client, "authenticate-options")
    options["challenge"] = issue(client, Purpose.SIGN_IN)
    made = read_credential(authenticator.get(options))
    passkey.pk, passkey.user_id, passkey.credential_id = None, alice.pk + 1000, b"of nobody"
    with pytest.raises(TryAgain), spending(request_of(client), made, {Purpose.SIGN_IN}):
        passkey.save(force_insert=True)
    assert Passkey.objects.count() == 1
    assert not SpentChallenge.objects.exists()


def test_user_is_deleted_while_registering(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """T11: a user who goes during the very request gets a 4xx and leaves no passkey."""

    def delete_first(request: HttpRequest) -> RelyingParty:
        if request.path.endswith("/register/"):
            User.objects.all().delete()
        return RelyingParty("testserver", "Test", ("https://testserver",))

    client = signed_in(alice)
    settings.OTP_PASSKEYS_RELYING_PARTY = delete_first
    made = Authenticator().create(ask(client, "register-options"))
    assert 400 <= answer(client, "register", made).status_code < 500
    assert not User.objects.exists()
    assert not Passkey.objects.exists()
