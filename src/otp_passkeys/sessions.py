"""How requests that a page sends by itself use the session: its user may be doing something else meanwhile.

Django saves a session whole at the end of a request, and sends its cookie with it. So an answer that comes late could
undo what other requests have written, and sign out a user whose session has got a new key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError

from .exceptions import NotAuthenticated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest


@contextmanager
def noting(session: SessionBase) -> Iterator[None]:
    """Read a session once more before the block, and save it right after, without its cookie.

    What others have written is kept. A session that this request has changed before is left to Django.

    :param session: the session of the request; the block may write into it.
    :raises NotAuthenticated: if the session has ended, and there is something to save.
    """
    if session.modified:
        yield
        return
    key = session.session_key
    stored = type(session)(key).load()
    session.clear()
    session.update(stored)
    session.modified = False
    yield
    if session.modified:
        try:
            session.save()
        except UpdateError as error:
            raise NotAuthenticated("nobody is signed in") from error
        finally:
            # If the cookie holds the session itself, the cookie has to be sent.
            session.modified = session.session_key != key


def keep_cookie(request: HttpRequest) -> None:
    """Let Django's middleware not take the cookie of the session away if there is no session of that key.

    The browser may have that of the next session by now. Otherwise the next page takes it away.

    :param request: a request that a script has sent.
    """
    session = getattr(request, "session", None)
    if session is not None and session.is_empty() and not session.modified:
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
