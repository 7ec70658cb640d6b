"""Whether somebody else looks at the site as the user, as support does with django-hijack and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .exceptions import Impersonated

if TYPE_CHECKING:
    from django.http import HttpRequest

# What django-hijack, django-loginas and django-impersonate leave in the session.
_NOTES = ("hijack_history", "loginas_from_user", "_impersonate")


def is_impersonated(request: HttpRequest) -> bool:
    """Say whether the session is somebody else's who looks at the site as this user (P13).

    Their browser gets no passkey of the user's, remembers no account, and proves nothing.

    :param request: a request of the session.
    """
    session = getattr(request, "session", {})
    return any(session.get(note) for note in _NOTES)


def require_owner(request: HttpRequest) -> None:
    """Refuse what only the user may do, to somebody who looks at the site as them.

    :param request: a request of the session.
    :raises Impersonated: if it is somebody else's.
    """
    if is_impersonated(request):
        raise Impersonated("somebody else looks at the site as the user")
