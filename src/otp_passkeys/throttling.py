"""Where the site's own limit is asked, and told of refusals; what it counts is the site's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conf import conf
from .exceptions import Throttled

if TYPE_CHECKING:
    from django.http import HttpRequest

BEGIN, ANSWER, REFUSED = "begin", "answer", "refused"


def require_calm(request: HttpRequest, occasion: str) -> None:
    """Ask the site's limit whether a request may go on.

    :param request: the request, before anything is done for it.
    :param occasion: :data:`BEGIN`, before a challenge is issued, or :data:`ANSWER`, before a passkey, a password or a
        code is judged.
    :raises Throttled: if it may not.
    """
    if conf.OTP_PASSKEYS_THROTTLE is not None:
        wait = conf.OTP_PASSKEYS_THROTTLE(request, occasion)
        if wait:
            raise Throttled(f"the limit of the site, at {occasion}", retry_after=wait)


def note_refusal(request: HttpRequest) -> None:
    """Tell the site's limit that an answer was refused.

    :param request: the request that brought it.
    """
    if conf.OTP_PASSKEYS_THROTTLE is not None:
        conf.OTP_PASSKEYS_THROTTLE(request, REFUSED)
