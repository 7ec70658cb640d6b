"""The frame around every answer: its challenge is spent once, and what it records stands or falls as one."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import Error, IntegrityError, router, transaction

from .. import challenges, throttling
from ..exceptions import (
    ChallengeInvalid,
    ChallengeSpent,
    PasskeyError,
    TryAgain,
    UnusableAddress,
)
from ..impersonation import require_owner
from ..models import Passkey
from ..sign_ins import require_active_user
from ..signals import passkey_refused
from .retrying import retriable

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..answers import Answer
    from ..challenges import Challenge, Purpose

logger = logging.getLogger("otp_passkeys")


@contextmanager
def answering(
    request: HttpRequest,
    answer: Answer,
    purposes: Collection[Purpose],
    *,
    nonce_hash: str | None = None,
) -> Iterator[Challenge]:
    """Open the transaction in which an answer is judged and recorded.

    The challenge is spent in it first, so a good answer and its spending are one commit. A refusal is committed too:
    nothing but the spending is written by then, and other answers to the same challenge, which wait at its insert, find
    it spent. Were it rolled back, the next of them would be judged as well. What does roll back, because something was
    recorded already, spends the challenge afterwards.

    :param request: the request that brings the answer.
    :param answer: what was read of it.
    :param purposes: what its challenge may have been asked for.
    :param nonce_hash: that of the nonce which a client without cookies brings; None for a browser.
    :raises ChallengeInvalid, ChallengeExpired, ChallengeSpent: if the challenge is not to be answered here or now.
    :raises TryAgain: if the database asks for the transaction to be repeated, or was lost meanwhile.
    """
    challenge = challenges.read(request, answer.challenge, nonce_hash=nonce_hash)
    using, refusal = router.db_for_write(Passkey), None
    with retriable():
        try:
            with transaction.atomic(using=using):
                challenges.spend(challenge)
                try:
                    if challenge.purpose not in purposes:
                        raise ChallengeInvalid("challenge of another purpose")
                    yield challenge
                except PasskeyError as error:
                    if transaction.get_rollback(using=using):
                        raise
                    refusal = error
        except IntegrityError as error:  # out of the commit: the user was deleted meanwhile
            raise TryAgain("a row that this one refers to is gone") from error
        except (ChallengeSpent, Error):
            raise
        except Exception:  # a receiver of the site may raise anything
            challenges.spend_refused(challenge)
            raise
    if refusal is not None:
        raise refusal


def require_acting_user(request: HttpRequest) -> Any:
    """Return the signed-in user of a request, if nobody impersonates them.

    :param request: the request.
    :raises NotAuthenticated: if no user is signed in, or an inactive one is.
    :raises Impersonated: if somebody else looks at the site as the user.
    """
    user = require_active_user(request)
    require_owner(request)
    return user


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
