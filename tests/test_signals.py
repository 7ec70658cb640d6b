"""Django signals: what receivers are told, and that nothing they do comes back."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions, signals
from otp_passkeys.exceptions import CredentialNotFound, VerificationFailed
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register, sign_in

from .helpers.rows import stored_passkey
from .helpers.signals import sent
from .helpers.steps import verify

OF_CHANGES = [
    signals.passkey_registered,
    signals.passkey_used,
    signals.passkey_renamed,
    signals.passkey_deleted,
]
ALL = [*OF_CHANGES, signals.passkey_refused]
NAMES = ["registered", "used", "renamed", "deleted", "refused"]
# Within a transaction that is never committed nothing would be announced.
pytestmark = pytest.mark.django_db(transaction=True)


def everything(browser: Client) -> list[int]:
    """Do each thing that is announced, and return the statuses of the answers."""
    authenticator, visitor = Authenticator(), Client()
    added = register(browser, authenticator)
    used = sign_in(visitor, authenticator)
    refused = sign_in(Client(), authenticator, rp_id="evil.test")
    renamed = visitor.post(added.json()["rename_url"], {"nickname": "Blue"})
    deleted = visitor.post(added.json()["delete_url"])
    return [answer.status_code for answer in (added, used, refused, renamed, deleted)]


EVERYTHING = [201, 200, 422, 302, 302]


def test_registered(browser: Client, alice: User) -> None:
    """P11: receivers learn who added which passkey, and in which request."""
    with sent(signals.passkey_registered) as calls:
        answer = register(browser, Authenticator(), nickname="Blue")
    (call,) = calls
    assert call.keys() == {"signal", "sender", "request", "user", "passkey", "purpose"}
    assert (call["sender"], call["purpose"]) == (Passkey, "register")
    assert call["user"] == alice
    assert call["request"].path == reverse("otp_passkeys:register")
    assert call["passkey"].id_base64url == answer.json()["id"]
    assert call["passkey"] == Passkey.objects.get()


@pytest.mark.parametrize(
    ("verified", "signed_in_before", "purpose"),
    [(True, False, "sign_in"), (True, True, "confirm"), (False, True, "confirm")],
)
def test_used(
    browser: Client, alice: User, verified: bool, signed_in_before: bool, purpose: str
) -> None:
    """Receivers learn what a passkey was used for, and whether the user was verified."""
    authenticator = Authenticator()
    register(browser, authenticator)
    client = browser if signed_in_before else Client()
    with sent(signals.passkey_used) as calls:
        assert sign_in(client, authenticator, user_verified=verified).status_code == 200
    (call,) = calls
    assert call.pop("request").path == reverse("otp_passkeys:authenticate")
    assert call == {
        "signal": signals.passkey_used, "sender": Passkey, "user": alice,
        "passkey": Passkey.objects.get(), "purpose": purpose, "user_verified": verified,
    }  # fmt: skip


@pytest.mark.parametrize("with_request", [True, False])
def test_renamed_and_deleted(browser: Client, alice: User, with_request: bool) -> None:
    """P11: receivers learn of both, from the page or from a command that has no request."""
    passkey = stored_passkey(alice)
    verify(browser, passkey)
    pk = passkey.pk
    with sent(signals.passkey_renamed) as renamed, sent(signals.passkey_deleted) as deleted:
        if with_request:
            browser.post(reverse("otp_passkeys:rename", args=[pk]), {"nickname": "Blue"})
            browser.post(reverse("otp_passkeys:delete", args=[pk]))
        else:
            actions.rename(user=alice, pk=pk, nickname="Blue")
            actions.delete(user=alice, pk=pk)
    for (call,) in (renamed, deleted):
        assert call.keys() == {"signal", "sender", "request", "user", "passkey"}
        assert (call["sender"], call["user"]) == (Passkey, alice)
        assert call["passkey"].name == "Blue"
        assert (call["request"] is not None) is with_request
    assert not Passkey.objects.exists()


def test_refused(browser: Client, alice: User) -> None:
    """T20: receivers learn whose passkey was refused and why; of an unknown one, only why."""
    authenticator = Authenticator()
    register(browser, authenticator)
    with sent(signals.passkey_refused) as calls:
        sign_in(Client(), authenticator, rp_id="evil.test")
        passkey = Passkey.objects.get()
        Passkey.objects.all().delete()
        sign_in(Client(), authenticator)
        register(browser, authenticator, rp_id="evil.test")
    found, unknown, registration = calls
    for call in calls:
        assert call.keys() == {"signal", "sender", "request", "user", "passkey", "error"}
        assert call["sender"] is Passkey
        assert call["request"].method == "POST"
    assert (found["user"], found["passkey"]) == (alice, passkey)
    assert (unknown["user"], unknown["passkey"]) == (None, None)
    assert [type(call["error"]) for call in calls] == [
        VerificationFailed,
        CredentialNotFound,
        VerificationFailed,
    ]
    assert registration["passkey"] is None


def test_each_once(browser: Client) -> None:
    """Each thing is announced once, and refusals announce nothing else."""
    count = dict.fromkeys(ALL, 0)

    def note(signal: Signal, **_: Any) -> None:
        count[signal] += 1

    for signal in ALL:
        signal.connect(note)
    try:
        assert everything(browser) == EVERYTHING
    finally:
        for signal in ALL:
            signal.disconnect(note)
    assert list(count.values()) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("signal", OF_CHANGES, ids=NAMES[:4])
def test_after_the_commit(browser: Client, signal: Signal) -> None:
    """P11: what receivers hear of has been committed."""
    within: list[bool] = []

    def note(**_: Any) -> None:
        within.append(transaction.get_connection().in_atomic_block)

    signal.connect(note)
    try:
        assert everything(browser) == EVERYTHING
    finally:
        signal.disconnect(note)
    assert within == [False]


def roll_back(user: User, pk: int) -> None:
    """Rename and delete in a transaction that fails in the end."""
    with transaction.atomic():
        actions.rename(user=user, pk=pk, nickname="Blue")
        actions.delete(user=user, pk=pk)
        transaction.set_rollback(True)


def test_rolled_back(alice: User) -> None:
    """P11: what was rolled back is not announced."""
    pk = stored_passkey(alice).pk
    with sent(signals.passkey_renamed) as renamed, sent(signals.passkey_deleted) as deleted:
        roll_back(alice, pk)
    assert renamed == deleted == []
    assert Passkey.objects.get().nickname == ""


@pytest.mark.parametrize("signal", ALL, ids=NAMES)
def test_failing_receiver(browser: Client, signal: Signal) -> None:
    """A receiver that fails never breaks the request."""

    def fail(**_: Any) -> None:
        raise ZeroDivisionError

    signal.connect(fail)
    try:
        assert everything(browser) == EVERYTHING
    finally:
        signal.disconnect(fail)
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("signal", ALL, ids=NAMES)
def test_failing_receiver_and_others(browser: Client, signal: Signal) -> None:
    """P11: a receiver that fails does not silence the one that mails the user."""

    def fail(**_: Any) -> None:
        raise ZeroDivisionError

    signal.connect(fail)
    try:
        with sent(signal) as calls:
            everything(browser)
    finally:
        signal.disconnect(fail)
    assert len(calls) == 1
