"""Whether a passkey must verify its user to confirm a session (T23), and when even that is not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import reauthentication, sign_ins
from ..backends import PasskeyBackend
from ..conf import conf

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..models import Passkey

# Of other packages: users who signed in through one of these used a passkey, perhaps the one that is judged.
_PASSKEY_BACKENDS_OF_OTHERS = frozenset(
    {"django_otp_webauthn.backends.WebAuthnBackend", "django_mfa.backends.WebAuthnBackend"}
)


def must_verify(request: HttpRequest, *, at: float | None = None) -> bool:
    """Say whether a passkey must verify its user here.

    A security key that is left plugged in answers anyone who touches it. That is a second factor together with
    a proof that was just given by something else, and nothing by itself.

    :param request: a request of the session.
    :param at: when the proof is to have been recent, in seconds since the epoch; default: now.
    """
    if conf.OTP_PASSKEYS_USER_VERIFICATION == "always":
        return True
    marker = reauthentication.fresh_marker(request, at=at)
    # A second touch proves nothing more than the first, whichever backend of the site vouched for the user.
    if marker is None or (marker.method == "passkey" and not marker.verified):
        return True
    return _opened_by_passkey(request) and marker.method in {"passkey", "sign_in"}


def follows_another_factor(
    request: HttpRequest, passkey: Passkey | None = None, *, at: float | None = None
) -> bool:
    """Say whether another factor has just proved who the user is, so that a second step may follow.

    Somebody who finds a security key without a PIN can set one, and it verifies them from then on. So what a passkey
    that is a second step only says of its user counts for nothing by itself (WebAuthn L3 §7.2 step 24).

    :param request: a request of the session.
    :param passkey: the passkey whose own proof does not count; None if it has given none.
    :param at: when the proof is to have been recent, in seconds since the epoch; default: now.
    """
    marker = reauthentication.fresh_marker(request, at=at)
    if marker is None or (passkey is not None and marker.device == str(passkey.persistent_id)):
        return False
    if marker.method == "passkey":
        return marker.verified
    # A site that signs in through our backend by itself may have asked for a touch only.
    return not (marker.method == "sign_in" and _opened_by_passkey(request))


def _opened_by_passkey(request: HttpRequest) -> bool:
    backend = sign_ins.backend_of(request)
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(backend).__mro__}
    if isinstance(backend, PasskeyBackend) or not names.isdisjoint(_PASSKEY_BACKENDS_OF_OTHERS):
        return True
    # django-allauth has one backend for all, and notes in the session what was shown.
    records = request.session.get("account_authentication_methods")
    return isinstance(records, list) and any(
        isinstance(record, dict) and record.get("passwordless") is True for record in records
    )
