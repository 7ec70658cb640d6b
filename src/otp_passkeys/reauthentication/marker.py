"""The marker: how long ago, and how, the person at the browser proved to be the one who signed in.

The session holds a marker, set by every sign-in that proves something and by the page that asks. It is bound to the
user, to what Django binds the session itself to, so a password change ends it, and to the passkey or other device that
gave it. Signing out or another user ends it with the session.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import router, transaction
from django.utils.crypto import constant_time_compare

from ..conf import conf
from ..exceptions import ChallengeSpent, ReauthenticationRequired
from ..impersonation import is_impersonated
from ..models import SpentChallenge
from ..sign_ins import require_active_user
from ..usable import has_second_factor
from .devices import is_alive, is_verified
from .need import Need

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_otp.models import Device

    from ..models import Passkey

MARKER = "otp_passkeys_marker"
_CLOCK_SKEW = 60  # seconds by which the clocks of two workers may differ


class Marker(NamedTuple):
    """That the person at the browser proved who they are.

    :param method: ``"sign_in"``, ``"passkey"``, or the name of another way, such as ``"password"``.
    :param verified: whether it was a passkey that verified the user.
    :param time: seconds since the epoch.
    :param nonce: what an action spends that may run once only.
    :param device: the ``persistent_id`` of the passkey or other django-otp device that gave it, or None.
    :param used: whether an action that may run once has used it up.
    """

    method: str
    verified: bool
    time: int
    nonce: str
    device: str | None
    used: bool

    def is_recent(self, max_age: float, *, at: float | None = None) -> bool:
        """Say whether it is at most so old, and not of the future.

        :param max_age: seconds.
        :param at: when it is to have been so young, in seconds since the epoch; default: now.
        """
        now = time.time()
        return self.time <= now + _CLOCK_SKEW and (now if at is None else at) - self.time <= max_age


def mark(
    request: HttpRequest,
    user: Any,
    *,
    method: str,
    verified: bool = False,
    device: Device | None = None,
) -> None:
    """Note in the session that its user has just proved who they are.

    :param request: a request of that session.
    :param user: the user of the session.
    :param method: how, as in :class:`Marker`.
    :param verified: whether it was a passkey that verified the user.
    :param device: the passkey or other device that proved it, if one did: the marker ends with its row.
    """
    marker = Marker(
        method=method,
        verified=verified,
        time=int(time.time()),
        nonce=secrets.token_urlsafe(16),
        device=None if device is None else str(device.persistent_id),
        used=False,
    )
    request.session[MARKER] = {"binding": _binding(user), **marker._asdict()}


def rebind(request: HttpRequest) -> None:
    """Keep the marker, as old as it is, after the hash of the user's password has changed.

    :param request: a request of a session whose marker :func:`require` has just returned.
    """
    request.session[MARKER] = {**request.session[MARKER], "binding": _binding(request.user)}


def forget(request: HttpRequest) -> None:
    """End the marker: call it where your own code signs a user in without asking who they are.

    :param request: a request of the session.
    """
    request.session.pop(MARKER, None)


def read_marker(request: HttpRequest, *, used: bool = False) -> Marker | None:
    """Return the marker of the session, if it is this user's and as old as their password at most.

    Whether the passkey that gave it is still there only :func:`require` asks.

    :param request: a request of any user.
    :param used: whether to return one that an action has used up, too.
    """
    marker = _stored(request)
    return None if marker is None or (marker.used and not used) else marker


def fresh_marker(request: HttpRequest, *, at: float | None = None) -> Marker | None:
    """Return the marker if it is as recent as :setting:`OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE` asks, and holds.

    :param request: a request of any user.
    :param at: when it is to have been so recent, in seconds since the epoch; default: now.
    """
    marker = read_marker(request)
    if marker is None or not marker.is_recent(_default_max_age(), at=at):
        return None
    return marker if is_alive(request, marker.device) else None


def require(
    request: HttpRequest, need: Need, *, passkeys: Collection[Passkey] | None = None
) -> Marker:
    """Return the marker if the session meets a need.

    :param request: a request of the user.
    :param need: what is asked for.
    :param passkeys: all of the user's, where they are at hand; it saves a query.
    :raises NotAuthenticated: if no user is signed in, or an inactive one is.
    :raises ReauthenticationRequired: if the session does not meet it.
    """
    require_active_user(request)
    _require_second_factor(request, need, passkeys, demanding=passkeys)
    marker = read_marker(request)
    max_age = _default_max_age() if need.max_age is None else need.max_age
    if marker is None or not marker.is_recent(max_age):
        raise ReauthenticationRequired("too long ago", page=need.page)
    if not is_alive(request, marker.device, passkeys):
        raise ReauthenticationRequired("what proved it is gone", page=need.page)
    if need.method == "passkey" and not (marker.method == "passkey" and marker.verified):
        raise ReauthenticationRequired("not with a passkey", page=need.page)
    return marker


def require_still(
    request: HttpRequest, need: Need, *, begun: int, passkeys: Collection[Passkey]
) -> None:
    """Ask again, when something is finished, whether this session could have begun it and its proof still stands.

    How much time has passed since it was begun does not matter, nor whether the marker was used up meanwhile.

    :param request: a request of the user.
    :param need: what was asked for.
    :param begun: when it was begun, in seconds since the epoch.
    :param passkeys: all that the user has, but for what is being added.
    :raises ReauthenticationRequired: if the proof is gone.
    """
    # A passkey that was added meanwhile, on another device, say, demands nothing of what was begun before.
    earlier = [
        passkey
        for passkey in passkeys
        if passkey.created_at is None or passkey.created_at.timestamp() < begun + 1
    ]
    _require_second_factor(request, need, passkeys, demanding=earlier)
    marker = _stored(request, rotated=True)
    if marker is None or not marker.is_recent(_default_max_age(), at=begun):
        raise ReauthenticationRequired("this session could not have begun it", page=need.page)
    if not is_alive(request, marker.device, passkeys):
        raise ReauthenticationRequired("what proved it is gone", page=need.page)


def consume(request: HttpRequest, need: Need | None = None) -> None:
    """Use the marker up: of any number of requests that bring it, one gets past this.

    :param request: the request that acts.
    :param need: what is asked for.
    :raises NotAuthenticated, ReauthenticationRequired: as :func:`require`, and if the marker was used before.
    """
    from .. import challenges  # late: most processes use no marker up

    need = need or Need()
    marker = require(request, need)
    # No session lives longer than its cookie, so a purged row lets no marker live again.
    expires = marker.time + settings.SESSION_COOKIE_AGE
    try:
        with transaction.atomic(using=router.db_for_write(SpentChallenge)):
            challenges.spend_once(marker.nonce.encode(), expires=expires)
    except ChallengeSpent as error:
        raise ReauthenticationRequired("used before", page=need.page) from error
    # It is kept: a registration that was begun with it still asks which device it came from.
    request.session[MARKER] = {**request.session[MARKER], "used": True}


def _require_second_factor(
    request: HttpRequest,
    need: Need,
    passkeys: Collection[Passkey] | None,
    *,
    demanding: Collection[Passkey] | None,
) -> None:
    if not need.second_factor or is_verified(request, passkeys):
        return
    if has_second_factor(request.user, demanding):
        raise ReauthenticationRequired("no second factor", page="reauthenticate-second-factor")


def _stored(request: HttpRequest, *, rotated: bool = False) -> Marker | None:
    """Return the marker of this user, used or not; one from before a rotation of ``SECRET_KEY`` if that may be."""
    # Without a session, as under the tokens of an API, nothing was ever proved.
    stored = getattr(request, "session", {}).get(MARKER)
    if not isinstance(stored, dict) or not request.user.is_authenticated:
        return None
    if is_impersonated(request):  # they proved to be somebody else
        return None
    members, user = dict(stored), request.user
    binding, bindings = str(members.pop("binding", "")), [_binding(user)]
    if rotated:
        bindings += [f"{user.pk}:{old}" for old in user.get_session_auth_fallback_hash()]
    if not any(constant_time_compare(binding, one) for one in bindings):
        return None
    try:
        marker = Marker(**members)
    except TypeError:  # of another version of this app
        return None
    # So is one whose members mean something else.
    return marker if type(marker.time) is int and isinstance(marker.device, str | None) else None


def _default_max_age() -> int:
    return conf.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE


def _binding(user: Any) -> str:
    # A rotated SECRET_KEY ends it as well: then the user is asked once more, but not in the middle of a ceremony.
    return f"{user.pk}:{user.get_session_auth_hash()}"
