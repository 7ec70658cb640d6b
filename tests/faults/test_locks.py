"""The database is locked, or has another trouble: the answer is clear, and nothing is half written."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection, transaction
from django.db.models.signals import pre_delete, pre_save
from django.urls import reverse
from django.utils.timezone import now

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.faults import IMPATIENT, at, delete, meanwhile
from ..helpers.rows import stored_passkey
from ..helpers.sign_out_elsewhere import end_others
from ..helpers.steps import SignedIn, is_signed_in, lose_password, outcome
from ..helpers.sync import fetch, page_syncs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient() -> Iterator[None]:
    """Let this connection wait for no lock."""
    with connection.cursor() as cursor:
        cursor.execute(IMPATIENT[connection.vendor])
    yield
    connection.close()  # which has this option


@pytest.mark.usefixtures("impatient", "atomic_requests")
def test_locked_while_deleting(alice: User, signed_in: SignedIn) -> None:
    """Who waits too long for the lock of a deletion is told to try again."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)
    with meanwhile(lambda: User.objects.filter(pk=alice.pk).update(first_name="Held")):
        assert delete(client, passkey) == "try_again"
    assert Passkey.objects.get() == passkey
    assert delete(client, passkey) == "204"


@pytest.mark.usefixtures("impatient", "atomic_requests")
def test_locked_while_renaming(alice: User, signed_in: SignedIn) -> None:
    """So is who renames."""
    passkey = stored_passkey(alice)
    client = signed_in(alice)

    def rename() -> str:
        url = reverse("otp_passkeys:rename", args=[passkey.pk])
        body = {"nickname": "New"}
        return outcome(client.post(url, body, content_type="application/json", secure=True))

    with meanwhile(lambda: Passkey.objects.filter(pk=passkey.pk).update(nickname="held")):
        assert rename() == "try_again"
    assert Passkey.objects.get().nickname == "held"
    assert rename() == "200"


@pytest.mark.database_sessions
@pytest.mark.usefixtures("impatient", "atomic_requests")
def test_locked_while_reporting(alice: User, signed_in: SignedIn) -> None:
    """So is the report of a sync, and the next page makes it good."""
    client = signed_in(alice)

    def reported() -> str:
        url, body = reverse("otp_passkeys:sync"), {"token": fetch(client)["token"]}
        return outcome(client.post(url, body, content_type="application/json", secure=True))

    with meanwhile(lambda: Session.objects.update(expire_date=now() + timedelta(days=1))):
        assert reported() == "try_again"
    assert page_syncs(client)
    assert reported() == "204"
    assert not page_syncs(client)


@pytest.mark.server_database
@pytest.mark.parametrize("has_password", [True, False])
def test_locked_while_the_password_is_hashed_anew(
    alice: User, signed_in: SignedIn, has_password: bool
) -> None:
    """P11: nobody changes a password between the moments when it is read and stored, or that would be undone."""
    if not has_password:
        lose_password(alice)
    client = signed_in(alice)
    errors: list[Exception | None] = []

    def change() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute(IMPATIENT[connection.vendor])
            User.objects.update(password="of another request")
            errors.append(None)
        except OperationalError as error:
            errors.append(error)
        finally:
            connection.close()

    def change_meanwhile(**_: Any) -> None:
        thread = Thread(target=change)
        thread.start()
        thread.join()

    with at(pre_save, User, change_meanwhile):
        assert end_others(client, password=PASSWORD).status_code == 200
    (error,) = errors
    assert isinstance(error, OperationalError)
    assert is_signed_in(client)


def test_other_trouble_is_the_sites(alice: User, signed_in: SignedIn) -> None:
    """A table that is not there does not come by trying again: the site's error page and log say so."""
    passkey = stored_passkey(alice)
    client = signed_in(alice, raise_request_exception=False)

    def break_it(**_: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")

    with at(pre_delete, Passkey, break_it):
        assert delete(client, passkey) == "500"
    assert Passkey.objects.get() == passkey
