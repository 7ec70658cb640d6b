"""What keeps a session after a proof: a new key, because it is worth more now (T16), and the hash it is bound to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted

from ..sign_ins import is_in_session

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


def follow_hash(request: HttpRequest, user: Any, found: Any) -> None:
    """Let a session go on if a backend has just stored another hash of the password that it judged.

    Django does so for hashes of an older hasher, and some backends of directories at each sign-in. A session that is
    bound to the old hash would end at its next request. That of somebody else, beside a token, is left alone.

    :param request: a request of the user.
    :param user: the user of the request, who gets the hash too.
    :param found: the same user as the backend returned them.
    """
    if found.get_session_auth_hash() != user.get_session_auth_hash():
        user.password = found.password
        if is_in_session(request):
            request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
