"""The cookie of SyncedMiddleware: when the session of this browser has synced.

It is signed together with the cookie of the session, which is another one after each sign-in. So a sign-in ends it,
also where its answer is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.signing import BadSignature, Signer

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

COOKIE = "otp_passkeys_synced"


def read(request: HttpRequest) -> int | None:
    """Return when the session has synced, in seconds of the epoch; None if the cookie does not say, or is not ours.

    :param request: a request with the cookie of a session.
    """
    if COOKIE not in request.COOKIES:
        return None
    try:
        session_cookie = request.COOKIES[settings.SESSION_COOKIE_NAME]
        return int(_signer(session_cookie).unsign(request.COOKIES[COOKIE]))
    except BadSignature:
        return None


def write(
    request: HttpRequest, response: HttpResponseBase, synced_at: int, *, max_age: int
) -> None:
    """Put the cookie on an answer, unless the browser has it.

    :param request: the request.
    :param response: its answer, with the cookie of the session if that has changed.
    :param synced_at: when the session has synced, in seconds of the epoch.
    :param max_age: how long the browser keeps it, in seconds.
    """
    name = settings.SESSION_COOKIE_NAME
    changed = response.cookies.get(name)
    session_cookie = changed.value if changed else request.COOKIES.get(name, "")
    value = _signer(session_cookie).sign(str(synced_at))
    if value != request.COOKIES.get(COOKIE):
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(
            COOKIE, value, max_age=max_age, secure=secure, httponly=True, **_place()
        )


def delete(request: HttpRequest, response: HttpResponseBase) -> None:
    """Take the cookie from a browser that has it.

    :param request: the request.
    :param response: its answer.
    """
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, **_place())


def _place() -> dict[str, Any]:
    return {
        "path": settings.SESSION_COOKIE_PATH,
        "domain": settings.SESSION_COOKIE_DOMAIN,
        "samesite": settings.SESSION_COOKIE_SAMESITE,
    }


def _signer(session_cookie: str) -> Signer:
    return Signer(salt=f"otp_passkeys.sync {session_cookie}")
