"""The marker: how long ago, and how, the person at the browser proved to be the one who signed in.

The session holds a marker, set by every sign-in and by the page that asks. It is bound to the user and to what Django
binds the session itself to, so a password change ends it; signing out or another user ends it with the session.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.db import router, transaction
from django.utils.crypto import constant_time_compare

from .. import challenges
from ..conf import conf
from ..exceptions import ChallengeSpent, NotAuthenticated, ReauthenticationRequired
from ..impersonation import is_impersonated
from ..models import SpentChallenge
from ..usable import has_second_factor

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..models import Passkey

MARKER = "otp_passkeys_marker"
ENROLLED = "otp_passkeys_enrolled"
_CLOCK_SKEW = 60  # seconds by which the clocks of two workers may differ


@dataclass(frozen=True)
class Marker:
    """That the person at the browser proved who they are.

    :param method: ``"sign_in"``, ``"passkey"``, or the name of another way, such as ``"password"``.
    :param verified: whether it was a passkey that verified the user.
    :param time: seconds since the epoch.
    :param nonce: what an action spends that may run once only.
    """

    method: str
    verified: bool
    time: int
    nonce: str


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is asked of a session before something sensitive.

    :param max_age: seconds; default: ``OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE``.
    :param method: ``"passkey"`` for a passkey with user verification; None for any way.
    :param second_factor: whether a user who has a second factor must have used it in this session.
    :param once: whether a request that may change something uses the marker up.
    """

    max_age: int | None = None
    method: str | None = None
    second_factor: bool = False
    once: bool = False

    def __post_init__(self) -> None:
        if self.method not in {None, "passkey"}:
            raise ValueError(f"method must be None or 'passkey', not {self.method!r}")

    @property
    def page(self) -> str:
        """The name of the page where it can be met."""
        if self.method == "passkey":
            return "reauthenticate-passkey"
        return "reauthenticate"


def mark(request: HttpRequest, user: Any, *, method: str, verified: bool = False) -> None:
    """Note in the session that its user has just proved who they are.

    :param request: a request of that session.
    :param user: the user of the session.
    :param method: how, as in :class:`Marker`.
    :param verified: whether it was a passkey that verified the user.
    """
    marker = Marker(method, verified, int(time.time()), secrets.token_urlsafe(16))
    request.session[MARKER] = {"binding": _binding(user), **asdict(marker)}


def note_enrolment(request: HttpRequest) -> None:
    """Note that the session added a passkey, so that whoever adds their first may go on: add one more, or delete it.

    :param request: a request of the user who added it, as they were allowed to.
    """
    request.session[ENROLLED] = _binding(request.user)


def on_user_logged_in(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Mark the session at every sign-in, by whatever way.

    :param sender: the user class.
    :param request: the request that signed in; None where a site calls ``login()`` without one.
    :param user: who signed in.
    """
    session = getattr(request, "session", None)
    # Packages that hand out tokens send the signal too, and sign no session in.
    if request is not None and session is not None and BACKEND_SESSION_KEY in session:
        mark(request, user, method="sign_in")


def read_marker(request: HttpRequest) -> Marker | None:
    """Return the marker of the session, if it is this user's and as old as their password at most.

    :param request: a request of any user.
    """
    stored = request.session.get(MARKER)
    if not isinstance(stored, dict) or not request.user.is_authenticated:
        return None
    if is_impersonated(request):  # who looks at the site as the user proved to be somebody else
        return None
    members = dict(stored)
    if not constant_time_compare(str(members.pop("binding", "")), _binding(request.user)):
        return None
    try:
        return Marker(**members)
    except TypeError:  # of another version of this app
        return None


def require(
    request: HttpRequest, need: Need, *, passkeys: Iterable[Passkey] | None = None
) -> Marker:
    """Return the marker if the session meets a need.

    :param request: a request of the user.
    :param need: what is asked for.
    :param passkeys: all of the user's, where they are at hand; it saves a query.
    :raises NotAuthenticated: if nobody is signed in, or an inactive user is.
    :raises ReauthenticationRequired: if the session does not meet it.
    """
    user: Any = request.user
    if not user.is_authenticated or not user.is_active:
        raise NotAuthenticated("no active user is signed in")
    if need.second_factor and not _is_verified(request) and has_second_factor(user, passkeys):
        raise ReauthenticationRequired("no second factor", page="reauthenticate-second-factor")
    marker = read_marker(request)
    max_age = conf.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE if need.max_age is None else need.max_age
    if marker is None or not -_CLOCK_SKEW <= time.time() - marker.time <= max_age:
        raise ReauthenticationRequired("too long ago", page=need.page)
    if need.method == "passkey" and not (marker.method == "passkey" and marker.verified):
        raise ReauthenticationRequired("not with a passkey", page=need.page)
    return marker


def consume(request: HttpRequest, need: Need | None = None) -> None:
    """Use the marker up: of any number of requests that bring it, one gets past this.

    :param request: the request that acts.
    :param need: what is asked for.
    :raises NotAuthenticated, ReauthenticationRequired: as :func:`require`, and if the marker was used before.
    """
    need = need or Need()
    marker = require(request, need)
    # No session lives longer than its cookie, so a purged row lets no marker live again.
    expires = marker.time + settings.SESSION_COOKIE_AGE
    try:
        with transaction.atomic(using=router.db_for_write(SpentChallenge)):
            challenges.spend_once(marker.nonce.encode(), expires=expires)
    except ChallengeSpent as error:
        raise ReauthenticationRequired("used before", page=need.page) from error
    del request.session[MARKER]


def _is_verified(request: HttpRequest) -> bool:
    user: Any = request.user
    return user.is_verified() or request.session.get(ENROLLED) == _binding(user)


def _binding(user: Any) -> str:
    # A rotated SECRET_KEY ends it as well: then the user is asked once more.
    return f"{user.pk}:{user.get_session_auth_hash()}"
