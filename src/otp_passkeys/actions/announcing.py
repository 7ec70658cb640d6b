"""Telling the site what has happened: its receivers, its limit and its log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.db import router, transaction

from .. import throttling
from ..exceptions import PasskeyError, UnusableAddress
from ..models import Passkey
from ..signals import passkey_refused

if TYPE_CHECKING:
    from django.dispatch import Signal
    from django.http import HttpRequest

logger = logging.getLogger("otp_passkeys")


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


def announce_refusal(
    request: HttpRequest, error: PasskeyError, passkey: Passkey | None = None
) -> None:
    """Log a refusal, tell the site's limit, and send ``passkey_refused``.

    :param request: the request that was refused.
    :param error: why.
    :param passkey: the passkey that answered, where one was found.
    """
    if not isinstance(error, UnusableAddress):  # which is in the log already, for beginning too
        logger.warning("Refused an answer: %s (%s)", error.code, error.reason)
    throttling.note_refusal(request)
    passkey_refused.send_robust(
        sender=Passkey,
        request=request,
        user=passkey.user if passkey else None,
        passkey=passkey,
        error=error,
    )
