"""Faults as they come: connections that are ended, receivers at which they are, locks that others hold."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey

from .steps import outcome

ASK = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}
KILL = {"postgresql": "SELECT pg_terminate_backend(%s, 5000)", "mysql": "KILL %s"}
# What lets a connection wait for no lock longer than it must.
IMPATIENT = {
    "sqlite": "PRAGMA busy_timeout = 100",
    "postgresql": "SET lock_timeout = '100ms'",
    "mysql": "SET SESSION innodb_lock_wait_timeout = 1",
}


def kill_connection(**_: Any) -> None:
    """End this thread's connection from another one, as an administrator or a restart does."""
    with connection.cursor() as cursor:
        cursor.execute(ASK[connection.vendor])
        (number,) = cursor.fetchone()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(KILL[connection.vendor], [number])
    finally:
        other.close()


@contextmanager
def at(signal: Signal, sender: Any, fault: Callable[..., None]) -> Iterator[list[bool]]:
    """Let a fault happen, once, when a signal is sent; what is yielded fills when it has."""
    happened: list[bool] = []

    def receive(**arguments: Any) -> None:
        if not happened:
            happened.append(True)
            fault(**arguments)

    signal.connect(receive, sender=sender)
    try:
        yield happened
    finally:
        signal.disconnect(receive, sender=sender)


def delete(client: Client, passkey: Passkey) -> str:
    """Delete a passkey and return what was answered."""
    url = reverse("otp_passkeys:delete", args=[passkey.pk])
    response = client.post(url, {}, content_type="application/json", secure=True)
    return "500" if response.status_code == 500 else outcome(response)


@contextmanager
def meanwhile(*steps: Callable[[], Any]) -> Iterator[None]:
    """Hold a transaction of another connection open: its first step is done before, others during."""
    begun, over = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                steps[0]()
                begun.set()
                for step in steps[1:]:
                    step()
                assert over.wait(30), "the other transaction was held open for 30 s, and no longer"
        finally:
            begun.set()
            connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert begun.wait(30), "the first step of the other transaction takes longer than 30 s"
    try:
        yield
    finally:
        over.set()
        thread.join()


def wait_until_waited_for() -> None:
    """Wait until another connection waits for what this one holds, on PostgreSQL."""
    waits = (
        "SELECT EXISTS (SELECT FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
    )
    end = time.monotonic() + 30
    with connection.cursor() as cursor:
        while cursor.execute(waits).fetchone() == (False,):
            assert time.monotonic() < end, "no connection waits for this one"
            time.sleep(0.01)
