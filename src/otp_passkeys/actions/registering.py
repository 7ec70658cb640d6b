"""Adding a passkey in a browser (WebAuthn L3 §7.1)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import django_otp

from .. import offers, reauthentication, sessions, sync, throttling
from ..challenges import Purpose
from ..conf import conf
from ..exceptions import NotAuthenticated, PasskeyError, ReauthenticationRequired
from ..models import Passkey
from ..sign_ins import refuse_token, verifying_device
from .acting import require_acting_user
from .adding import Registration, add, creation_options, with_room
from .announcing import announce_refusal
from .managing import TO_CHANGE_PASSKEYS

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..challenges import Challenge


def begin_registration(
    request: HttpRequest, *, upgrade: bool = False, hints: object = None
) -> dict[str, Any]:
    """Return the options for ``navigator.credentials.create()``; only a user's first handle is written.

    How long ago the user proved who they are is judged here: when the answer comes the browser has saved the passkey
    already. Whether the proof still stands is asked again then.

    :param request: a request of the user who adds a passkey.
    :param upgrade: whether the browser adds it by itself, without asking the user (``mediation: "conditional"``):
        only after a sign-in by something else than a passkey.
    :param hints: a list of where the user wants the passkey, best first, for the browser to begin with
        (``"security-key"``, ``"client-device"``, ``"hybrid"``, L3 §5.8.7); all else in it is ignored. It restricts
        nothing.
    :raises NotAuthenticated: if no user is signed in.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises TooManyPasskeys: if the user has :data:`MAX_PASSKEYS` already. Existing ones are kept, however many.
    :raises ReauthenticationRequired: if the user must prove first who they are.
    :raises UnusableAddress: if no passkey can be made for the host of the request.
    :raises Throttled: if the site's limit says no.
    :raises ImproperlyConfigured: if the user comes from a token.
    """
    refuse_token(request, "begin_registration")
    throttling.require_calm(request, throttling.BEGIN)
    user = require_acting_user(request)
    handle, passkeys = with_room(user)
    marker = reauthentication.require(request, TO_CHANGE_PASSKEYS, passkeys=passkeys)
    if upgrade and marker.method != "sign_in":
        raise ReauthenticationRequired("upgrade without a sign-in of the user's by something else")
    return creation_options(
        request,
        user,
        handle,
        passkeys,
        purpose=Purpose.UPGRADE if upgrade else Purpose.REGISTER,
        # If the browser does not ask the user, it does not verify them either.
        user_verification="preferred" if upgrade else conf.user_verification,
        hints=hints,
    )


def register(request: HttpRequest, credential: object, *, nickname: object = "") -> Registration:
    """Verify the answer to a registration and store the passkey.

    A bad nickname is dropped and reported: the browser has saved the passkey already. For the same reason the site's
    limit is not asked here: it was when the challenge was issued.

    :param request: a request of the user who began.
    :param credential: ``PublicKeyCredential.toJSON()``, parsed.
    :param nickname: what the user calls it; may be empty.
    :raises ReauthenticationRequired: if what the user proved before is gone, such as the passkey that proved it.
    :raises TooManyPasskeys: if twice :data:`MAX_PASSKEYS` would be passed, with options that were kept for later.
    :raises PasskeyError: if it is refused for another reason; nothing is stored then.
    """

    def require_still(challenge: Challenge, user: Any, others: list[Passkey]) -> None:
        reauthentication.require_still(
            request, TO_CHANGE_PASSKEYS, begun=challenge.issued_at, passkeys=others
        )

    try:
        registration, purpose = add(request, credential, nickname, require_still)
    except PasskeyError as error:
        announce_refusal(request, error)
        raise
    if purpose is Purpose.UPGRADE:  # while its user does something else
        with suppress(NotAuthenticated), sessions.noting(request.session):
            _note(request)
        return registration
    if registration.passkey.user_verified:
        _verify_session(request, registration.passkey)
    _note(request)
    return registration


def _note(request: HttpRequest) -> None:
    offers.clear(request)
    sync.request_user_details_sync(request)


def _verify_session(request: HttpRequest, passkey: Passkey) -> None:
    """Let a session that might add a passkey, and is not verified yet, be verified by it.

    Its user could sign in with it at once. django-otp ends that with the row, so nothing of it outlives the passkey.
    The session keeps its key: another tab of the user's may be adding a passkey too, and would be signed out.
    """
    if verifying_device(request.user) is None:
        django_otp.login(request, passkey)
        passkey.current = True
