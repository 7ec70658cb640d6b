"""Whether somebody else looks at the site as the user, as support does with django-hijack and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from .exceptions import Impersonated

if TYPE_CHECKING:
    from django.http import HttpRequest

# What django-hijack, django-impersonate and django-su leave in the session; a setting names django-loginas's note.
_NOTES = ("hijack_history", "_impersonate", "exit_users_pk")

RETURNED = "otp_passkeys_returned"


def is_impersonated(request: HttpRequest) -> bool:
    """Say whether somebody else looks at the site as this user in the session (P13).

    Their browser gets no passkey of the user's, remembers no account, and proves nothing.

    :param request: a request of the session.
    """
    session = getattr(request, "session", {})
    of_loginas = getattr(settings, "LOGINAS_FROM_USER_SESSION_FLAG", "loginas_from_user")
    return any(session.get(note) for note in (*_NOTES, of_loginas))


def require_owner(request: HttpRequest) -> None:
    """Refuse what only the user may do, if somebody else looks at the site as them.

    :param request: a request of the session.
    :raises Impersonated: if it is somebody else's.
    """
    if is_impersonated(request):
        raise Impersonated("somebody else looks at the site as the user")


def has_returned(request: HttpRequest) -> bool:
    """Say whether the session was opened by the end of an impersonation, which does not ask who they are (P15).

    :param request: a request of the session.
    """
    return bool(getattr(request, "session", {}).get(RETURNED))


def on_user_logged_out(sender: Any, request: HttpRequest | None, **_: Any) -> None:
    """Note on the request that it leaves an impersonated session, as django-loginas does before it signs in.

    :param sender: the user class.
    :param request: the request that signs out; None where a site calls ``logout()`` without one.
    """
    # The session is emptied next; what signs in within the same request came out of it.
    if request is not None and is_impersonated(request):
        request._otp_passkeys_returns = True  # type: ignore[attr-defined]


def on_user_logged_in(sender: Any, request: HttpRequest | None, **_: Any) -> None:
    """Note in the session that it came out of an impersonated one; any other sign-in takes that back.

    :param sender: the user class.
    :param request: the request that signed in; None where a site calls ``login()`` without one.
    """
    session = getattr(request, "session", None)
    if session is None:
        return
    if getattr(request, "_otp_passkeys_returns", False):
        session[RETURNED] = True
    else:
        session.pop(RETURNED, None)


def on_hijack(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Note in the session that django-hijack signed in: its own note is gone by the time of Django's signal.

    :param sender: None.
    :param request: the request that began or ended to look at the site as somebody else.
    """
    request.session[RETURNED] = True
