"""The connection is lost at the COMMIT itself: PostgreSQL runs a deferred trigger there, which ends its own backend."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client

from otp_passkeys.models import Passkey, SpentChallenge, UserHandle
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.faults import delete
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, answer, ask, is_signed_in, outcome

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

_FUNCTION = """
CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
"""
_TRIGGER = """
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT OR DELETE ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_connection()
"""


@contextmanager
def lost_at_commit(model: type[Model]) -> Iterator[None]:
    """End the connection of whoever commits a new or a deleted row."""
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTION)
        cursor.execute(_TRIGGER.format(table=model._meta.db_table))
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION end_connection() CASCADE")


def test_signing_in(client: Client, passkey: Passkey, authenticator: Authenticator) -> None:
    """Nobody is signed in, no use is recorded, and the same answer is good when it comes again."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with lost_at_commit(SpentChallenge):
        assert outcome(answer(client, "authenticate", assertion)) == "try_again"
    assert not is_signed_in(client)
    assert not SpentChallenge.objects.exists()
    assert Passkey.objects.get().last_used_at is None
    assert sign_in(client, authenticator).status_code == 200


@pytest.mark.parametrize("table", [Passkey, SpentChallenge])
def test_registering(
    authenticator: Authenticator, mailoutbox: list[Any], table: type[Model], browser: Client
) -> None:
    """No passkey is stored or announced, and the one that the browser has made is taken when it comes again."""
    made = authenticator.create(ask(browser, "register-options"))
    with lost_at_commit(table):
        assert outcome(answer(browser, "register", made)) == "try_again"
    assert not Passkey.objects.exists()
    assert not SpentChallenge.objects.exists()
    assert not mailoutbox
    assert outcome(answer(browser, "register", made)) == "201"
    assert len(mailoutbox) == 1


def test_deleting(alice: User, signed_in: SignedIn, mailoutbox: list[Any]) -> None:
    """The passkey stays and nobody is told that it went."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    with lost_at_commit(Passkey):
        assert delete(client, passkey) == "try_again"
    assert Passkey.objects.get() == passkey
    assert UserHandle.objects.get().emptied_at is None
    assert not mailoutbox
    assert delete(client, passkey) == "204"
