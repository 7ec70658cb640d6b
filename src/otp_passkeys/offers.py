"""The first passkey: which users are offered one after signing in, and whose browser may add it by itself.

A sign-in leaves a note in the session, and asks the database once; pages read the note and ask nothing. Whether a
passkey of the user is usable in this very browser is unknown to the server: a user who has none needs one, and so
does one who fetched the phone to sign in.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import Error

from . import sign_ins
from .backends import PasskeyBackend
from .conf import conf
from .impersonation import is_impersonated
from .models import Passkey
from .relying_party import rp_id_here
from .usable import has_second_factor

if TYPE_CHECKING:
    from django.http import HttpRequest

NOTE = "otp_passkeys_offer"


class Offer(NamedTuple):
    """That the page may offer a passkey.

    :param since: when the user signed in, in seconds since the epoch.
    :param may_upgrade: whether the browser may add one by itself.
    """

    since: int
    may_upgrade: bool


def on_user_logged_in(sender: Any, request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Note a sign-in by something else than a passkey that proved something, of a user who may have no passkey there.

    :param sender: the user class.
    :param request: the request that signed in; None where a site calls ``login()`` without one.
    :param user: who signed in.
    """
    session = getattr(request, "session", None)
    if request is None or session is None or sign_ins.was_found_in_session(user):
        return
    clear(request)
    # Packages that hand out tokens send the signal too, and sign no session in.
    if not sign_ins.proves_identity(request) or not user.is_active:
        return
    if isinstance(sign_ins.backend_of(request), PasskeyBackend):
        return
    passkeys = Passkey.objects.rows_of(user)
    _note(
        request,
        upgrade=True,
        # The site may verify the session right after this; so the page decides.
        second_factor=has_second_factor(user, passkeys=passkeys),
        # So it does where: the request of a site's own login() may have no host.
        except_at=sorted(
            {
                passkey.rp_id
                for passkey in passkeys
                if passkey.confirmed and not passkey.second_step_only
            }
        ),
    )


def on_hijack(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Take back the offer that django-hijack's sign-in left.

    :param sender: None.
    :param request: the request that began or ended to look at the site as somebody else.
    """
    clear(request)


def note_cross_device(request: HttpRequest, credential: object) -> None:
    """Note a sign-in with a passkey that is not on this device (S3.5).

    :param request: the request that signed in.
    :param credential: what the browser sent, verified.
    """
    # This member is not signed: all that a false one can cause is an offer.
    if (
        isinstance(credential, dict)
        and credential.get("authenticatorAttachment") == "cross-platform"
    ):
        _note(request, upgrade=False, second_factor=False, except_at=[])


def clear(request: HttpRequest) -> None:
    """Take the offer back: the user has a passkey now, or signs in anew.

    :param request: a request of the user.
    """
    request.session.pop(NOTE, None)


def due(request: HttpRequest | None) -> Offer | None:
    """Return what the page being rendered may offer, or None; never write, and raise errors of the database only.

    As in :func:`otp_passkeys.sync.is_due`, the session cookie is looked for first. The user is looked at only where
    the note asks for a second factor.

    :param request: the request whose page is rendered, if there is one.
    """
    if request is None or settings.SESSION_COOKIE_NAME not in getattr(request, "COOKIES", {}):
        return None
    try:
        note = request.session.get(NOTE)
        if note is None or SESSION_KEY not in request.session or is_impersonated(request):
            return None
        if time.time() - note["time"] > conf.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE:
            return None
        rp_id = rp_id_here(request)
        if rp_id is None or rp_id in note["except_at"]:
            return None
        user: Any = request.user
        may_upgrade = note["upgrade"] and (not note["second_factor"] or user.is_verified())
        return Offer(note["time"], may_upgrade)
    except Error:  # the page must not hide that its transaction is lost
        raise
    except Exception:
        return None


def _note(
    request: HttpRequest, *, upgrade: bool, second_factor: bool, except_at: list[str]
) -> None:
    request.session[NOTE] = {
        "time": int(time.time()),
        "upgrade": upgrade,
        "second_factor": second_factor,
        "except_at": except_at,  # the RP IDs of passkeys that sign the user in
    }
