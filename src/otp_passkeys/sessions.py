"""How requests that a page sends by itself use the session: its user may be doing something else meanwhile.

Django saves a session whole at the end of a request, and sends its cookie with it. So an answer that comes late could
undo what other requests have written, and sign out a user whose session has got a new key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError

from .exceptions import NotAuthenticated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest


@contextmanager
def noting(session: SessionBase) -> Iterator[None]:
    """Read a session once more before the block, and save it right after, without its cookie.

    What others have written is kept. All is left to Django if the request has changed the session before, and on a site
    that saves the session of every request.

    :param session: the session of the request; the block may write into it.
    :raises NotAuthenticated: if the session has ended; the block may not have run then.
    """
    key = session.session_key
    if key is None or session.modified or settings.SESSION_SAVE_EVERY_REQUEST:
        yield
        return
    stored = type(session)(key).load()
    if not stored:  # it is gone, or cannot be read just now; what is there must not be emptied
        raise NotAuthenticated("nobody is signed in")
    session.clear()
    # One by one, because a site's own sessions may note something at one of them.
    for name, value in stored.items():
        session[name] = value
    yield
    if session.session_key == key:  # else the block has ended it
        _save(session)


def _save(session: SessionBase) -> None:
    key = session.session_key
    try:
        session.save()
    except UpdateError as error:
        # Django makes the same of a busy database.
        reason = error.__context__
        if isinstance(reason, OperationalError):
            raise reason from reason.__cause__
        raise NotAuthenticated("nobody is signed in") from error
    finally:
        # If the cookie holds the session itself, the cookie has to be sent.
        session.modified = session.session_key != key


def keep_cookie(request: HttpRequest) -> None:
    """Let Django's middleware not take the cookie of the session away if there is no session of that key.

    The browser may have that of the next session by now. Otherwise the next page takes it away.

    :param request: a request that a script has sent.
    """
    session: Any = getattr(request, "session", None)
    ended_here = getattr(session, "modified", True)  # as is none, or a dictionary
    if not ended_here and session.is_empty():
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
