"""An account gets at most five mails about its passkeys within ten minutes (P16)."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DataError, Error, OperationalError, connection
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.notifications import limit
from otp_passkeys.testing import Authenticator, register

from ..helpers.counting import counting
from ..helpers.faults import kill_connection
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

# Within a transaction that is never committed nothing would be announced.
pytestmark = pytest.mark.django_db(transaction=True)

LAST = "For a while, more changes may follow without a mail."
Wait = Callable[[float], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Return a function that moves the clock."""
    moved = [0.0]
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() + moved[0])

    def move(seconds: float) -> None:
        moved[0] += seconds

    return move


def add_and_delete(user: User, times: int) -> None:
    """Delete passkeys one after the other, by a command."""
    for _ in range(times):
        actions.delete(user=user, pk=stored_passkey(user).pk)


@contextmanager
def at_each_count(happens: Callable[[], object]) -> Iterator[list[str]]:
    """Let something happen just before a mail is counted; what is yielded has the statements that count."""
    counted: list[str] = []
    busy: list[bool] = []

    def before(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and "mailed_at" in sql and not busy:
            counted.append(sql)
            busy.append(True)
            try:
                happens()
            finally:
                busy.clear()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(before):
        yield counted


def test_adding_and_deleting(browser: Client, mailoutbox: list[Any]) -> None:
    """P16: of what alice adds and deletes at once, five mails tell, whatever it is; the passkeys come and go."""
    for _ in range(4):
        assert register(browser, Authenticator()).status_code == 201
    for passkey in Passkey.objects.order_by("-pk")[:3]:
        url = reverse("otp_passkeys:delete", args=[passkey.pk])
        assert browser.post(url).status_code == 302
    subjects = [mail.subject.split()[3] for mail in mailoutbox]
    assert subjects == ["added"] * 4 + ["deleted"]
    assert Passkey.objects.count() == 1


def test_last_mail_says_so(browser: Client, mailoutbox: list[Any]) -> None:
    """P16: the fifth mail, and no other, says that more may follow unmentioned, and where to look."""
    for _ in range(5):
        register(browser, Authenticator())
    for mail in mailoutbox:
        for part in (mail.body, mail.alternatives[0][0]):
            assert (LAST in part) == (mail is mailoutbox[-1])
            assert "https://testserver/passkeys/" in part
    assert "password.\n\nYour passkeys changed several times" in mailoutbox[-1].body
    assert "always up to date.\n\nYour passkeys:\n" in mailoutbox[-1].body


def test_last_mail_about_a_deletion(alice: User, mailoutbox: list[Any]) -> None:
    """P16: it says so as well where the fifth change is a deletion, without a request."""
    add_and_delete(alice, 6)
    assert len(mailoutbox) == 5
    for part in (mailoutbox[-1].body, mailoutbox[-1].alternatives[0][0]):
        assert LAST in part


def test_window(alice: User, mailoutbox: list[Any], wait: Wait) -> None:
    """P16: five within any ten minutes, not five in each: the oldest makes room for one."""
    add_and_delete(alice, 1)
    wait(300)
    add_and_delete(alice, 5)
    assert len(mailoutbox) == 5
    wait(301)
    add_and_delete(alice, 2)
    assert len(mailoutbox) == 6
    assert LAST in mailoutbox[-1].body
    wait(600)
    add_and_delete(alice, 6)
    assert len(mailoutbox) == 11


def test_clock_that_was_wrong(alice: User, mailoutbox: list[Any], wait: Wait) -> None:
    """A clock that ran ahead silences nobody once it is set right, and one that is a minute off counts."""
    wait(86_400)
    add_and_delete(alice, 5)
    wait(-86_400)
    add_and_delete(alice, 4)
    wait(-60)
    add_and_delete(alice, 2)
    assert len(mailoutbox) == 10


def test_accounts_are_apart(alice: User, eve: User, mailoutbox: list[Any]) -> None:
    """P16: what eve does to her own account takes no mail from alice."""
    add_and_delete(eve, 6)
    add_and_delete(alice, 1)
    assert [mail.to for mail in mailoutbox] == [["eve@example.com"]] * 5 + [["alice@example.com"]]


def test_admin_and_command(alice: User, signed_in: SignedIn, mailoutbox: list[Any]) -> None:
    """P14, P16: what support deletes counts too, many at once and one by one."""
    root = User.objects.create_superuser("root", "root@example.com")
    passkeys = [stored_passkey(alice) for _ in range(4)]
    body = {
        "action": "delete_selected",
        "_selected_action": [passkey.pk for passkey in passkeys],
        "post": "yes",
    }
    client = signed_in(root)
    assert client.post(reverse("admin:otp_passkeys_passkey_changelist"), body).status_code == 302
    for _ in range(2):
        call_command("passkeys", "alice", delete=stored_passkey(alice).pk)
    assert not Passkey.objects.exists()
    assert len(mailoutbox) == 5
    assert LAST in mailoutbox[-1].body


def test_user_without_a_handle(alice: User, mailoutbox: list[Any]) -> None:
    """P16: the owner of imported rows gets a handle by the first mail, and no more mails than anybody else."""
    passkeys = [stored_passkey(alice) for _ in range(6)]
    UserHandle.objects.all().delete()
    for passkey in passkeys:
        actions.delete(user=alice, pk=passkey.pk)
    assert len(mailoutbox) == 5
    assert len(bytes(UserHandle.objects.get().handle)) == 64


@pytest.mark.database_sessions
def test_costs_one_statement(alice: User, mailoutbox: list[Any]) -> None:
    """Costs: a mail that is sent is counted by one statement; the action has read what was counted before."""
    stored_passkey(alice)
    (passkey,) = Passkey.objects.for_user(alice)
    with counting(statements=1, commits=1):
        assert limit.count_mail(passkey) == 1
    with counting(statements=4, commits=4):
        assert [limit.count_mail(passkey) for _ in range(4)] == [2, 3, 4, 5]
    with counting(statements=0, commits=0):
        assert limit.count_mail(passkey) == 0


@pytest.mark.parametrize("why", ["setting", "address"])
def test_costs_nothing_without_mails(alice: User, settings: Any, why: str) -> None:
    """Costs: a site that sends no mails, and a user who gets none, pay nothing."""
    settings.OTP_PASSKEYS_NOTIFY = why != "setting"
    if why == "address":
        alice.email = ""
        alice.save()
    with at_each_count(lambda: None) as counted:
        add_and_delete(alice, 1)
    assert counted == []
    assert UserHandle.objects.get().mailed_at == ""


@pytest.mark.parametrize(("others", "number"), [(1, 2), (3, 4), (4, 5), (5, 0), (6, 0)])
def test_other_mails_meanwhile(alice: User, others: int, number: int) -> None:
    """P16: mails that are counted between reading and writing count here, and none is lost."""
    for _ in range(1 + others):
        stored_passkey(alice)
    passkey, *more = Passkey.objects.for_user(
        alice
    )  # each with a handle of its own, as in a process of its own

    def count_another() -> None:
        if more:
            limit.count_mail(more.pop())

    with at_each_count(count_another):
        assert limit.count_mail(passkey) == number
    assert len(UserHandle.objects.get().mailed_at.split()) == min(1 + others, 5)


def test_ends(alice: User) -> None:
    """P16: where the times are never what they were, for a reason that nobody thought of, it gives up."""
    passkey = stored_passkey(alice)
    odd = iter(range(100))

    def rewrite() -> None:
        UserHandle.objects.update(mailed_at=next(odd))

    with at_each_count(rewrite) as counted:
        assert limit.count_mail(passkey) == 0
    assert len(counted) == 6


class Refusal:
    """A database that refuses to count, as often as it is told."""

    def __init__(self, times: int, kind: type[Error] = OperationalError) -> None:
        self.times, self.kind = times, kind

    def __call__(self) -> None:
        """Refuse."""
        self.times -= 1
        if self.times >= 0:
            raise self.kind("could not serialize access for alice")


@pytest.mark.parametrize("times", [1, 5])
def test_database_asks_for_a_retry(alice: User, mailoutbox: list[Any], times: int) -> None:
    """P16: what a database refuses because of others is tried again, and counted."""
    with at_each_count(Refusal(times)):
        add_and_delete(alice, 1)
    assert len(mailoutbox) == 1
    assert len(UserHandle.objects.get().mailed_at.split()) == 1


@pytest.mark.parametrize("refusal", [Refusal(6), Refusal(1, DataError)], ids=["busy", "broken"])
def test_database_refuses(
    alice: User, mailoutbox: list[Any], caplog: pytest.LogCaptureFixture, refusal: Refusal
) -> None:
    """P11: what cannot be counted is done and told all the same; the log names the error and nobody."""
    with caplog.at_level(logging.DEBUG), at_each_count(refusal):
        add_and_delete(alice, 1)
    assert not Passkey.objects.exists()
    assert len(mailoutbox) == 1
    (record,) = [one for one in caplog.records if one.name == "otp_passkeys"]
    assert record.getMessage() == f"A mail was not counted: {refusal.kind.__name__}"
    assert record.exc_info is None


@pytest.mark.server_database
def test_connection_is_lost(alice: User, mailoutbox: list[Any]) -> None:
    """P11: neither the passkey nor the mail is lost with the connection that was to count it."""
    with at_each_count(kill_connection):
        add_and_delete(alice, 1)
    connection.close()
    assert not Passkey.objects.exists()
    assert len(mailoutbox) == 1


def test_registration_whose_mail_is_not_counted(browser: Client, mailoutbox: list[Any]) -> None:
    """P11: a passkey that was added stays, and the answer is the usual one."""
    with at_each_count(Refusal(6)):
        assert register(browser, Authenticator()).status_code == 201
    assert Passkey.objects.count() == len(mailoutbox) == 1
