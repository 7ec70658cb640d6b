"""What a request does with its session that a page has sent by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


def catch_up(session: SessionBase) -> None:
    """Take over what other requests have written into a session since this one has read it.

    Django saves a session whole: what the user has done meanwhile, on the site's own pages too, would be undone. Call
    it right before you write. A session that this request has changed already stays as it is.

    :param session: the session of the request.
    """
    if session.modified:
        return
    stored = type(session)(session.session_key).load()
    session.clear()
    session.update(stored)  # with nothing, if it has ended: Django refuses to save it then
    session.modified = False
