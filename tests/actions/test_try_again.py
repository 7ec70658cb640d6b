"""The database may ask for a repetition: the answer is then 409, and nothing is recorded."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import pre_save
from django.http import HttpRequest
from django.test import Client

from otp_passkeys.actions.spending import spending
from otp_passkeys.challenges import Purpose
from otp_passkeys.credentials import read_credential
from otp_passkeys.exceptions import TryAgain
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.faults import IMPATIENT, at, meanwhile, wait_until_waited_for
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


def lock_users(mode: str) -> None:
    """Take a lock of the whole table, until the transaction or the savepoint is over."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {User._meta.db_table} IN {mode} MODE")


def lock_users_for_a_moment() -> None:
    """Take the lock that lets nobody read, and give it back."""
    with transaction.atomic():
        lock_users("ACCESS EXCLUSIVE")
        transaction.set_rollback(True)


@pytest.mark.postgresql
def test_deadlock(alice: User, client: Client, authenticator: Authenticator) -> None:
    """DESIGN's 409: so is who is ended because two wait for each other, half signed in already."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with ExitStack() as other:

        def block(**_: Any) -> None:
            """Have another connection forbid to write users, and wait for this one, which has read one."""
            # Of two that wait for each other's rows, PostgreSQL ends the one that looks first, each after a second of
            # waiting. In a table, whoever asks for more of it while another waits there for them is ended at once.
            other.enter_context(meanwhile(partial(lock_users, "SHARE"), lock_users_for_a_moment))
            wait_until_waited_for()

        with at(pre_save, User, block) as happened:
            assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    assert happened
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
