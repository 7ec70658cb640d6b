"""Signing in and confirming in a browser (WebAuthn L3 §7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_otp
from django.contrib import auth
from django.db import router, transaction

from .. import ceremonies, challenges, credentials, offers, reauthentication, throttling
from ..challenges import Purpose
from ..conf import conf
from ..exceptions import PasskeyError, SecondStepOnly, VerificationFailed
from ..models import Passkey
from ..relying_party import relying_party
from ..sign_ins import refuse_token, require_session
from ..signals import passkey_used
from ..usable import usable_passkeys
from .acting import require_acting_user
from .announcing import announce
from .authenticating import Authentication, announce_failure, passkey_of, verify, vouched_for
from .recording import record_use
from .spending import spending
from .user_verification import follows_another_factor, must_verify

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..ceremonies import UsedCredential
    from ..challenges import Challenge


def begin_authentication(
    request: HttpRequest, *, account: Any = None, requires_user_verification: bool = False
) -> dict[str, Any]:
    """Return the options for ``navigator.credentials.get()``; nothing is written.

    A visitor is asked to sign in with any passkey, or with one of an account that this browser remembers; a signed-in
    user to confirm with one of their own. Nothing that a request says about an account is heard: no answer tells
    whether one exists.

    :param request: the request that begins.
    :param account: the user whose passkey a visitor is to use; the caller has seen that the browser may know them.
    :param requires_user_verification: whether verification is demanded where the policy would not.
    :raises NotAuthenticated: if an inactive user is signed in.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises Throttled: if the site's limit says no.
    :raises ImproperlyConfigured: if the user comes from a token.
    """
    refuse_token(request, "begin_authentication")
    throttling.require_calm(request, throttling.BEGIN)
    verification, purpose = conf.user_verification, Purpose.SIGN_IN
    if request.user.is_authenticated:
        account, purpose = require_acting_user(request), Purpose.CONFIRM
        verification = "required" if must_verify(request) else "preferred"
    if requires_user_verification:
        verification = "required"
    passkeys = usable_passkeys(request, account) if account is not None else []
    return ceremonies.authentication_options(
        relying_party=relying_party(request),
        challenge=challenges.issue(
            request,
            purpose=purpose,
            requires_user_verification=verification == "required",
            account=None if account is None else account.pk,
        ),
        allow=[(bytes(passkey.credential_id), passkey.transports) for passkey in passkeys],
        user_verification=verification,
    )


def authenticate(request: HttpRequest, credential: object) -> Authentication:
    """Verify the answer of a passkey, and sign its owner in or confirm them, as its challenge says.

    :param request: the request that finishes.
    :param credential: ``PublicKeyCredential.toJSON()``, parsed.
    :raises CredentialNotFound: if no account has this credential ID.
    :raises PasskeyError: if it is refused for another reason; nothing is recorded then.
    :raises ImproperlyConfigured: if the request has no session, which is what a passkey opens or confirms, or if its
        user comes from a token.
    """
    refuse_token(request, "authenticate")
    require_session(request, "authenticate")
    throttling.require_calm(request, throttling.ANSWER)
    passkey: Passkey | None = None
    visitor = not request.user.is_authenticated
    if not visitor:
        require_acting_user(request)
    try:
        received = credentials.read_credential(credential)
        with spending(request, received, {Purpose.SIGN_IN, Purpose.CONFIRM}) as challenge:
            passkey = passkey_of(received)
            used = verify(request, received, challenge, passkey)
            _require_enough(request, challenge, passkey, used)
            user = vouched_for(request, passkey)
            record_use(passkey, used)
            if challenge.purpose is Purpose.SIGN_IN:
                _sign_in(request, user)
    except Exception as error:
        if visitor and request.user.is_authenticated:
            # The transaction was rolled back, and the session engine may not share it.
            auth.logout(request)
        if isinstance(error, PasskeyError):
            announce_failure(request, error, passkey)
        raise
    _verify_session(request, passkey, challenge, used)
    announce(
        passkey_used,
        request=request,
        user=passkey.user,
        passkey=passkey,
        purpose=challenge.purpose.name.lower(),
        user_verified=used.user_verified,
    )
    if challenge.purpose is Purpose.SIGN_IN:
        offers.note_cross_device(request, credential)
    return Authentication(passkey, challenge.purpose)


def _require_enough(
    request: HttpRequest, challenge: Challenge, passkey: Passkey, used: UsedCredential
) -> None:
    """Refuse what is not enough in this session: a touch, or a second step by itself."""
    # Asked again: the session that finishes need not be the one that began.
    confirms = challenge.purpose is Purpose.CONFIRM
    if passkey.second_step_only and not (
        confirms and follows_another_factor(request, passkey, at=challenge.issued_at)
    ):
        raise SecondStepOnly("a second step, without another proof that was just given")
    if confirms and not used.user_verified and must_verify(request, at=challenge.issued_at):
        raise VerificationFailed("touched only, without a proof that was just given")


def _sign_in(request: HttpRequest, user: Any) -> None:
    """Open the session; if a receiver of the site refuses, with a refusal of ours too, all that was recorded goes."""
    # Without a savepoint, which costs two round trips: an error in here marks the whole transaction.
    with transaction.atomic(using=router.db_for_write(Passkey), savepoint=False):
        auth.login(request, user)


def _verify_session(
    request: HttpRequest, passkey: Passkey, challenge: Challenge, used: UsedCredential
) -> None:
    signs_in, verified = challenge.purpose is Purpose.SIGN_IN, used.user_verified
    if not signs_in:
        reauthentication.renew_key(request)  # login() did so for a sign-in
    # A touch confirms no one: the marker is as old as the proof together with which it counts.
    if signs_in or verified:
        reauthentication.mark(
            request, passkey.user, method="passkey", verified=verified, device=passkey
        )
    # Possession alone is one factor.
    if verified or not signs_in:
        django_otp.login(request, passkey)
