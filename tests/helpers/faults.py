"""Faults as they come: connections that are ended, receivers at which they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.dispatch import Signal
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey

from .steps import outcome

ASK = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}
KILL = {"postgresql": "SELECT pg_terminate_backend(%s, 5000)", "mysql": "KILL %s"}


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
