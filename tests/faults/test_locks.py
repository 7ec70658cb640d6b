"""The database is locked, or has another trouble: the answer is clear, and nothing is half written."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.signals import pre_delete
from django.urls import reverse

from otp_passkeys.models import Passkey

from ..helpers.faults import IMPATIENT, at, delete, meanwhile
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, outcome

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
