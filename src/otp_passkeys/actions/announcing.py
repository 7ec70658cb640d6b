"""Telling the site's receivers what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import router, transaction

from ..models import Passkey

if TYPE_CHECKING:
    from django.dispatch import Signal
    from django.http import HttpRequest


def announce(
    signal: Signal, *, request: HttpRequest | None, user: Any, passkey: Passkey, **more: Any
) -> None:
    """Send a signal after the commit; a receiver that fails breaks nothing.

    :param signal: one of :mod:`otp_passkeys.signals`.
    :param request: the request in which it happened; None for a command or an API.
    :param user: the owner.
    :param passkey: what it happened to.
    :param more: further arguments of this signal.
    """
    transaction.on_commit(
        lambda: signal.send_robust(
            sender=Passkey, request=request, user=user, passkey=passkey, **more
        ),
        using=router.db_for_write(Passkey),
    )
