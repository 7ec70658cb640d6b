"""What a sign-in records: on the passkey that was used, and on no other."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from otp_passkeys import actions
from otp_passkeys.challenges import Purpose
from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_used
from otp_passkeys.testing import Authenticator, sign_in

from ...helpers.signals import sent
from ...helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, outcome


def test_other_passkeys_stay(alice: User, bob: User, signed_in: SignedIn) -> None:
    """Neither the user's other passkeys nor anybody else's are touched."""
    used, own, anothers = [Authenticator(counter_step=1) for _ in range(3)]
    for user, each in ((alice, used), (alice, own), (bob, anothers)):
        enrol(signed_in(user), each)
    pk = Passkey.objects.get(credential_id=used.credentials[0].id).pk
    others = list(Passkey.objects.exclude(pk=pk).order_by("pk").values())
    assert sign_in(Client(), used).status_code == 200
    assert list(Passkey.objects.exclude(pk=pk).order_by("pk").values()) == others
    assert Passkey.objects.get(pk=pk).last_used_at


@pytest.mark.django_db(transaction=True)
def test_receivers_see_what_is_stored(authenticator: Authenticator, browser: Client) -> None:
    """The passkey that ``passkey_used`` brings is as it was written."""
    enrol(browser, authenticator, counter=3)
    authenticator.counter_step = 1
    with sent(passkey_used) as used:
        assert sign_in(Client(), authenticator).status_code == 200
    stored = Passkey.objects.get()
    for name in ("sign_count", "last_used_at", "backup_state", "user_verified"):
        assert getattr(used[0]["passkey"], name) == getattr(stored, name)
    assert stored.sign_count == 4


@pytest.mark.parametrize("fate", ["disabled", "deleted"])
def test_gone_at_the_last_moment(
    client: Client, passkey: Passkey, authenticator: Authenticator, fate: str
) -> None:
    """T11: a passkey that is switched off or deleted while its signature is looked at signs nobody in."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    rows = Passkey.objects.filter(pk=passkey.pk)
    done: list[bool] = []

    def meanwhile(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("UPDATE") and Passkey._meta.db_table in sql and not done:
            done.append(True)
            rows.update(confirmed=False) if fate == "disabled" else rows.delete()
        return execute(sql, *arguments)

    with connection.execute_wrapper(meanwhile):
        assert outcome(answer(client, "authenticate", assertion)) == "verification_failed"
    assert done
    assert not is_signed_in(client)


def test_actions_by_themselves(
    alice: User, passkey: Passkey, authenticator: Authenticator, request_of: Any
) -> None:
    """A site's own view can call the actions: the policy holds, and the passkey comes back."""
    request = request_of(alice)
    options = actions.begin_authentication(request)
    assert options["userVerification"] == "preferred"
    done = actions.authenticate(request, authenticator.get(options))
    assert (done.passkey, done.purpose) == (passkey, Purpose.CONFIRM)
