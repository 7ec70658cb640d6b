"""The frame of each judgement: its challenge is spent once, and what it records stands or falls as one."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import Error, IntegrityError, router, transaction

from .. import challenges
from ..exceptions import (
    ChallengeInvalid,
    ChallengeSpent,
    PasskeyError,
    TryAgain,
)
from ..models import Passkey
from .transient_errors import refusing_transient_errors

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..challenges import Challenge, Purpose
    from ..credentials import ReceivedCredential

logger = logging.getLogger("otp_passkeys")


@contextmanager
def spending(
    request: HttpRequest,
    received: ReceivedCredential,
    purposes: Collection[Purpose],
    *,
    nonce_hash: str | None = None,
) -> Iterator[Challenge]:
    """Open the transaction in which a credential is judged and recorded, and spend its challenge.

    The challenge is spent first, so a good credential and its spending are one commit. A refusal is committed too:
    nothing but the spending is written by then, and other answers to the same challenge, which wait at its insert, find
    it spent. Were it rolled back, the next of them would be judged as well. What does roll back, because something was
    recorded already, spends the challenge afterwards.

    :param request: the request that brings it.
    :param received: the credential, read and not verified.
    :param purposes: what its challenge may have been asked for.
    :param nonce_hash: that of the nonce which a client without cookies brings; None for a browser.
    :raises ChallengeInvalid, ChallengeExpired, ChallengeSpent: if the challenge is not to be answered here or now.
    :raises TryAgain: if the database asks for the transaction to be repeated, or was lost meanwhile.
    """
    challenge = challenges.read(request, received.challenge, nonce_hash=nonce_hash)
    using, refusal = router.db_for_write(Passkey), None
    with refusing_transient_errors():
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
