"""How often a session may guess: ten times in ten minutes, whatever limit the site has (T31).

Each guess takes one of ten numbers before it is judged, by the insert that also spends a challenge. So the limit needs
no cache, holds for requests that race, and the rows are purged with those of spent challenges.
"""

from __future__ import annotations

import datetime
import logging
import time
from random import SystemRandom
from typing import TYPE_CHECKING

from django.db import router, transaction
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext

from .. import challenges
from ..encoding import short_key
from ..exceptions import ChallengeSpent, Throttled
from ..models import SpentChallenge
from ..reauthentication import read_marker

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger("otp_passkeys")

__all__ = ["count_guess"]

GUESSES = 10
PERIOD = 600  # seconds


class TooManyGuesses(Throttled):
    """The session has guessed as often as it may; the message says when it may again.

    :param retry_after: seconds after which to try again.
    """

    def __init__(self, reason: str = "", *, retry_after: int) -> None:
        super().__init__(reason, retry_after=retry_after)
        now = timezone.now()
        minutes = datetime.timedelta(minutes=-(-retry_after // 60))
        # Translators: %(time)s is such as “9 minutes”, as Django puts it in your language.
        text = gettext("There were too many tries. Try again in %(time)s.")
        self.message = text % {"time": timesince(now, now + minutes)}  # type: ignore[misc, assignment]


def count_guess(request: HttpRequest, name: str) -> None:
    """Count a guess of the signed-in user, and refuse one too many. Call it before you judge what was given.

    Guesses are counted for the proof that the session holds, so they cannot be used up from another session. Sessions
    without a proof, such as those that a proxy's header opens, share those of their user.

    :param request: a request of the user.
    :param name: what is guessed, such as ``"password"``; each name is counted by itself.
    :raises Throttled: if there were ten guesses within these ten minutes of the clock.
    """
    now = int(time.time())
    ends = now - now % PERIOD + PERIOD
    holder = _holder(request)
    numbers = [f"guess:{name}:{holder}:{ends}:{number}".encode() for number in range(GUESSES)]
    # Random, so that guesses that race rarely want the same number, and a user's second rarely finds it taken.
    SystemRandom().shuffle(numbers)
    if _take_one(numbers[:1], expires=ends) or _take_one(_free(numbers), expires=ends):
        return
    logger.warning("Refused to judge a guess: %d in ten minutes (%s)", GUESSES, name)
    raise TooManyGuesses("as many guesses as a session may make", retry_after=ends - now)


def _holder(request: HttpRequest) -> str:
    marker = read_marker(request, used=True)
    return f"user:{request.user.pk}" if marker is None else f"marker:{marker.nonce}"


def _take_one(numbers: list[bytes], *, expires: int) -> bool:
    """Take the first number that is still free, and say whether there was one."""
    for number in numbers:
        try:
            with transaction.atomic(using=router.db_for_write(SpentChallenge)):
                challenges.spend_once(number, expires=expires)
        except ChallengeSpent:
            continue
        return True
    return False


def _free(numbers: list[bytes]) -> list[bytes]:
    """Return the numbers that were free a moment ago, in one query."""
    rows = SpentChallenge.objects.using(router.db_for_write(SpentChallenge))
    keys = {short_key(number): number for number in numbers}
    taken = set(rows.filter(pk__in=keys).values_list("pk", flat=True))
    return [number for key, number in keys.items() if key not in taken]
