"""A new session key where a session becomes worth more than it was (T16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted

if TYPE_CHECKING:
    from django.http import HttpRequest


def renew_key(request: HttpRequest) -> None:
    """Give the session a new key: one that was known to somebody else is worth nothing afterwards.

    :param request: a request of the session.
    :raises SessionInterrupted: if the session was ended meanwhile, by a sign-out in another tab, say.
    """
    # Django would bring a session that has gone back to life under the new key.
    try:
        request.session.save()
    except UpdateError as error:
        raise SessionInterrupted(
            "The session was ended before the request was complete."
        ) from error
    request.session.cycle_key()
