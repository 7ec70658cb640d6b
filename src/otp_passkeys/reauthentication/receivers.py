"""What a sign-in leaves: a marker if it proved who the user is, and none if it did not ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from .. import sign_ins
from .marker import forget, mark
from .renewing import renew_key

if TYPE_CHECKING:
    from django.http import HttpRequest


def on_user_logged_in(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Mark the session at a sign-in that proves something; one that does not ends an older marker.

    Django keeps the key of a session whose user signs in once more. Somebody who knew it would get the new proof as
    well, so it is renewed here.

    :param sender: the user class.
    :param request: the request that signed in; None where a site calls ``login()`` without one.
    :param user: who signed in.
    :raises SessionInterrupted: if the session was ended meanwhile.
    """
    # Packages that hand out tokens send the signal too, and sign no session in.
    if request is None or getattr(request, "session", None) is None:
        return
    if sign_ins.was_found_in_session(user) or sign_ins.backend_of(request) is None:
        return
    if request.session.session_key == request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        renew_key(request)
    if sign_ins.proves_identity(request):
        mark(request, user, method="sign_in")
    else:
        forget(request)


def on_hijack(sender: Any, request: HttpRequest, **_: Any) -> None:
    """End the marker that django-hijack's sign-in left.

    :param sender: None.
    :param request: the request that began or ended to look at the site as somebody else.
    """
    forget(request)
