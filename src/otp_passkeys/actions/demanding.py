"""When a passkey must verify its user to confirm a session, and when a touch will do (T23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import reauthentication, sign_ins
from ..backends import PasskeyBackend
from ..conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest


def must_verify(request: HttpRequest, *, at: float | None = None) -> bool:
    """Say whether a passkey must verify its user here.

    A security key that stays plugged in answers whoever touches it. That is a second factor beside a proof that was
    just given by something else, and nothing by itself.

    :param request: a request of the session.
    :param at: when the proof is to have been recent, in seconds since the epoch; default: now.
    """
    if conf.OTP_PASSKEYS_USER_VERIFICATION == "always":
        return True
    marker = reauthentication.fresh_marker(request, at=at)
    # After a touch another one proves no more, whichever backend of the site vouched for the user.
    if marker is None or (marker.method == "passkey" and not marker.verified):
        return True
    by_passkey = isinstance(sign_ins.backend_of(request), PasskeyBackend)
    return by_passkey and marker.method in {"passkey", "sign_in"}
