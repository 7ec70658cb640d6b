"""What a request says of its user: whether there is a session, what opened it, and what that proves.

Not every request has been through the middleware of Django and django-otp: a REST view takes its user from a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, load_backend
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import LazyObject

from .conf import conf
from .exceptions import NotAuthenticated
from .impersonation import has_returned

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest
    from django_otp.models import Device


def require_active_user(request: HttpRequest) -> Any:
    """Return the signed-in user of a request.

    :param request: the request.
    :raises NotAuthenticated: if no user is signed in, or an inactive one is.
    """
    user = request.user
    if not user.is_authenticated:
        raise NotAuthenticated("nobody is signed in")
    if not user.is_active:
        raise NotAuthenticated("an inactive user is signed in", is_inactive=True)
    return user


def require_session(request: HttpRequest, name: str) -> SessionBase:
    """Return the session of a request.

    :param request: the request.
    :param name: what needs it, for the message.
    :raises ImproperlyConfigured: if the request has none.
    """
    session: SessionBase | None = getattr(request, "session", None)
    if session is None:
        raise ImproperlyConfigured(
            f"{name}() needs request.session: add "
            "'django.contrib.sessions.middleware.SessionMiddleware' to MIDDLEWARE."
        )
    return session


def is_in_session(request: HttpRequest) -> bool:
    """Say whether the user of a request is the one who is signed in in its session.

    :param request: a request of any user.
    """
    user: Any = request.user
    signed_in = getattr(request, "session", {}).get(SESSION_KEY)
    if signed_in is None or not user.is_authenticated:
        return False
    return bool(signed_in == user._meta.pk.value_to_string(user))  # as login() writes it


def refuse_token(request: HttpRequest, name: str) -> None:
    """Refuse what a session begins or finishes, if the user comes from a token.

    A view that called it would leave a session beside the token, and ask for a cookie that the client does not keep.

    :param request: the request; REST frameworks note in ``request.auth`` what its user comes from.
    :param name: what needs the session, for the message.
    :raises ImproperlyConfigured: if its user comes from a token.
    """
    if getattr(request, "auth", None) is None or not request.user.is_authenticated:
        return
    if not is_in_session(request):
        raise ImproperlyConfigured(
            f"{name}() is for the session of a user, and this user comes from a token: "
            "call the functions of otp_passkeys.actions.without_cookies."
        )


def verifying_device(user: Any) -> Device | None:
    """Return the device by which django-otp takes the session of a user for verified.

    Not ``user.is_verified()``, which is there only where django-otp's middleware has seen the user, and elsewhere may
    be the user model's own and mean something else, such as an e-mail address that was verified.

    :param user: the user of a request.
    """
    return getattr(user, "otp_device", None)


def was_found_in_session(user: Any) -> bool:
    """Say whether a user is the one whom the middleware found in the session, so that there was no sign-in.

    Packages that hand out tokens to such a user send Django's signal, and a session of any age would prove itself.

    :param user: who is said to have signed in. The middleware's are lazy, those of backends and queries are not.
    """
    return isinstance(user, LazyObject)


def backend_of(request: HttpRequest) -> Any | None:
    """Return an instance of the backend that opened the session.

    It is None where no session was opened: packages that hand out tokens send Django's signal too, and a site's own
    middleware may set the user of each request.

    :param request: a request of the session.
    """
    path = getattr(request, "session", {}).get(BACKEND_SESSION_KEY)
    return None if path is None else load_backend(path)


def backend_proves_identity(request: HttpRequest) -> bool:
    """Say whether signing in again would prove anything: the policy of the site says so of the backend.

    :param request: a request of the session.
    """
    backend = backend_of(request)
    return backend is not None and conf.OTP_PASSKEYS_POLICY.proves_identity(backend)


def proves_identity(request: HttpRequest) -> bool:
    """Say whether the sign-in that opened the session proved that the user was there.

    A sign-in that ended an impersonation did not ask the user, nor did a backend that believes a header.

    :param request: a request of the session.
    """
    return not has_returned(request) and backend_proves_identity(request)
