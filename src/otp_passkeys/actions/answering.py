"""The frame around every answer: its challenge is spent once, and what it records stands or falls as one."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, IntegrityError, OperationalError, router, transaction

from .. import challenges
from ..exceptions import ChallengeInvalid, ChallengeSpent, NotAuthenticated, PasskeyError, TryAgain
from ..models import Passkey
from ..signals import passkey_refused

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..answers import Answer
    from ..challenges import Challenge, Purpose

logger = logging.getLogger("otp_passkeys")

# Serialization failure, deadlock and lock timeout in PostgreSQL; deadlock, lock wait timeout and "record has changed"
# in MariaDB.
_RETRY_SQLSTATES = {"40001", "40P01", "55P03"}
_RETRY_ERRNOS = {1213, 1205, 1020}


@contextmanager
def answering(
    request: HttpRequest, answer: Answer, purposes: Collection[Purpose]
) -> Iterator[Challenge]:
    """Open the transaction in which an answer is judged and recorded.

    The challenge is spent in it, so a good answer and its spending are one commit; a refusal rolls it back and spends
    the challenge by itself, also under ``ATOMIC_REQUESTS``.

    :param request: the request that brings the answer.
    :param answer: what was read of it.
    :param purposes: what its challenge may have been asked for.
    :raises ChallengeInvalid, ChallengeExpired, ChallengeSpent: if the challenge is not to be answered here or now.
    :raises TryAgain: if the database asks for the transaction to be repeated.
    """
    challenge = challenges.read(request, answer.challenge)
    try:
        try:
            with transaction.atomic(using=router.db_for_write(Passkey)):
                challenges.spend(challenge)
                if challenge.purpose not in purposes:
                    raise ChallengeInvalid("challenge of another purpose")
                yield challenge
        except (ChallengeSpent, DatabaseError):
            raise
        except Exception:  # a receiver of the site may raise anything
            challenges.spend_refused(challenge)
            raise
    except DatabaseError as error:
        # An IntegrityError comes out of the commit when the user was deleted meanwhile.
        if isinstance(error, IntegrityError) or _asks_for_retry(error):
            raise TryAgain("the database asked for a retry") from error
        raise


def require_active_user(request: HttpRequest) -> Any:
    """Return the signed-in user of a request.

    :param request: the request.
    :raises NotAuthenticated: if nobody is signed in, or an inactive user is.
    """
    user = request.user
    if not user.is_authenticated or not user.is_active:
        raise NotAuthenticated("no active user is signed in")
    return user


def announce_refusal(
    request: HttpRequest, error: PasskeyError, passkey: Passkey | None = None
) -> None:
    """Log a refusal and send ``passkey_refused``.

    :param request: the request that was refused.
    :param error: why.
    :param passkey: the passkey that answered, where one was found.
    """
    logger.warning("Refused an answer: %s (%s)", error.code, error.reason)
    passkey_refused.send_robust(
        sender=Passkey,
        request=request,
        user=passkey.user if passkey else None,
        passkey=passkey,
        error=error,
    )


def _asks_for_retry(error: DatabaseError) -> bool:
    cause = error.__cause__
    errno = cause.args[0] if cause is not None and cause.args else None
    return isinstance(error, OperationalError) and (
        getattr(cause, "sqlstate", None) in _RETRY_SQLSTATES
        or errno in _RETRY_ERRNOS
        or "locked" in str(errno)  # SQLite
    )
