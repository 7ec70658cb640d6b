"""Ceremonies of clients without cookies: native apps, and front ends with tokens.

A browser is known by the secret in its CSRF cookie. Such a client makes a random nonce for each exchange instead: it
sends the SHA-256 when it begins and the nonce when it finishes, as PKCE does (RFC 7636). No session is opened or
written, and none proves anything: a user who adds a passkey proves in the same exchange who they are. A passkey that
was only touched counts for nothing here, whatever the policy for browsers is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ceremonies, challenges, credentials, throttling
from ..challenges import Purpose
from ..exceptions import PasskeyError, ReauthenticationRequired, SecondStepOnly
from ..models import Passkey
from ..nonces import hash_of, read_hash
from ..relying_party import relying_party
from ..signals import passkey_used
from ..usable import usable_passkeys
from . import proving
from .acting import require_acting_user
from .adding import Registration, add, creation_options, with_room
from .announcing import announce, announce_refusal
from .authenticating import Authentication, announce_failure, passkey_of, verify, vouched_for
from .recording import record_use
from .spending import spending

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["begin_confirmation", "begin_registration", "begin_sign_in", "register", "sign_in"]


def begin_sign_in(request: HttpRequest, *, nonce_hash: object) -> dict[str, Any]:
    """Return the options for signing in with any passkey; nothing is written.

    :param request: the request that begins.
    :param nonce_hash: the SHA-256 of the client's nonce in base64url.
    :raises MalformedRequest: if that is anything else.
    :raises UnusableAddress: if no passkey can be used at the host of the request.
    :raises Throttled: if the site's limit says no.
    """
    throttling.require_calm(request, throttling.BEGIN)
    if request.user.is_authenticated:
        require_acting_user(request)
    return _request_options(request, Purpose.SIGN_IN, nonce_hash)


def sign_in(request: HttpRequest, credential: object, *, nonce: object) -> Authentication:
    """Verify the answer of a passkey and return it with its user, to whom the site gives a token of its own.

    Nobody is signed in: no session is opened, and Django's ``user_logged_in`` is not sent.

    :param request: the request that finishes.
    :param credential: the answer of the authenticator, as ``PublicKeyCredential.toJSON()`` gives it, parsed.
    :param nonce: the nonce whose hash was sent at the beginning.
    :raises CredentialNotFound: if no account has this credential ID.
    :raises PasskeyError: if it is refused for another reason; nothing is recorded then.
    """
    if request.user.is_authenticated:
        require_acting_user(request)
    return Authentication(_used(request, credential, nonce, Purpose.SIGN_IN), Purpose.SIGN_IN)


def begin_confirmation(request: HttpRequest, *, nonce_hash: object) -> dict[str, Any]:
    """Return the options for a user to confirm who they are with one of their passkeys; nothing is written.

    The answer goes to :func:`begin_registration`.

    :param request: a request of the user of a token.
    :param nonce_hash: the SHA-256 of the client's nonce in base64url.
    :raises NotAuthenticated: if no user is signed in, or an inactive one is.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises ReauthenticationRequired: if the user has no passkey that works here by itself.
    :raises MalformedRequest: if ``nonce_hash`` is anything else.
    :raises Throttled: if the site's limit says no.
    """
    throttling.require_calm(request, throttling.BEGIN)
    user = require_acting_user(request)
    options = _request_options(request, Purpose.CONFIRM, nonce_hash, user=user)
    if not options["allowCredentials"]:
        raise ReauthenticationRequired("no passkey to confirm with")
    return options


def begin_registration(
    request: HttpRequest,
    *,
    nonce_hash: object,
    credential: object = None,
    nonce: object = None,
    password: object = None,
    otp_token: object = None,
    hints: object = None,
) -> dict[str, Any]:
    """Return the options for adding a passkey, to a user who proves now who they are.

    The proof is an existing passkey, or all that the user has of password and second factor: a token alone proves
    nothing recent.

    :param request: a request of the user of a token.
    :param nonce_hash: the SHA-256 of a new nonce, for this exchange, in base64url.
    :param credential: the answer to :func:`begin_confirmation`.
    :param nonce: the nonce of that confirmation.
    :param password: the password, where no passkey answers.
    :param otp_token: a code of a django-otp device, beside the password, if the user has a second factor.
    :param hints: as for :func:`otp_passkeys.actions.begin_registration`.
    :raises NotAuthenticated: if no user is signed in, or an inactive one is.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises TooManyPasskeys: if the user has :data:`~otp_passkeys.actions.MAX_PASSKEYS` already.
    :raises ReauthenticationRequired: if nothing was given, or not enough.
    :raises ReauthenticationFailed: if the password or the code is wrong.
    :raises Throttled: if the site's limit says no, or the password was guessed too often.
    :raises PasskeyError: if the answer of the passkey is refused, or no passkey can be made here.
    """
    throttling.require_calm(request, throttling.BEGIN)
    user = require_acting_user(request)
    digest = read_hash(nonce_hash)  # before a proof is spent that would lead to nothing
    handle, passkeys = with_room(user)
    if credential is not None:
        device: Any = _used(request, credential, nonce, Purpose.CONFIRM)
    else:
        device = proving.by_password_and_code(request, passkeys, password, otp_token)
    return creation_options(
        request,
        user,
        handle,
        passkeys,
        purpose=Purpose.REGISTER,
        user_verification="required",
        hints=hints,
        proof=proving.bound(user, device),
        nonce_hash=digest,
    )


def register(
    request: HttpRequest, credential: object, *, nonce: object, nickname: object = None
) -> Registration:
    """Verify the answer to a registration and store the passkey, if what the user proved still stands.

    :param request: a request of the user who began.
    :param credential: the answer of the authenticator, as ``PublicKeyCredential.toJSON()`` gives it, parsed.
    :param nonce: the nonce whose hash was sent at the beginning.
    :param nickname: what the user calls it; may be empty or None. A bad one is dropped and reported.
    :raises ReauthenticationRequired: if what the user proved is gone: the passkey or device, or the password.
    :raises PasskeyError: if it is refused for another reason; nothing is stored then.
    """
    try:
        registration, _ = add(
            request, credential, nickname or "", proving.require_still, nonce_hash=hash_of(nonce)
        )
    except PasskeyError as error:
        announce_refusal(request, error)
        raise
    return registration


def _request_options(
    request: HttpRequest, purpose: Purpose, nonce_hash: object, *, user: Any = None
) -> dict[str, Any]:
    party = relying_party(request)
    passkeys = [] if user is None else usable_passkeys(request, user)
    return ceremonies.authentication_options(
        relying_party=party,
        challenge=challenges.issue(
            request,
            purpose=purpose,
            requires_user_verification=True,
            account=None if user is None else user.pk,
            nonce_hash=read_hash(nonce_hash),
        ),
        allow=[
            (bytes(passkey.credential_id), passkey.transports)
            for passkey in passkeys
            if not passkey.second_step_only
        ],
        user_verification="required",
    )


def _used(request: HttpRequest, credential: object, nonce: object, purpose: Purpose) -> Passkey:
    """Return the passkey of an answer that was verified and recorded."""
    throttling.require_calm(request, throttling.ANSWER)
    passkey: Passkey | None = None
    try:
        received = credentials.read_credential(credential)
        with spending(request, received, {purpose}, nonce_hash=hash_of(nonce)) as challenge:
            passkey = passkey_of(received)
            used = verify(request, received, challenge, passkey)
            if passkey.second_step_only:
                raise SecondStepOnly("a second step, without a session in which to follow")
            vouched_for(request, passkey)
            record_use(passkey, used)
    except PasskeyError as error:
        announce_failure(request, error, passkey)
        raise
    announce(
        passkey_used,
        request=request,
        user=passkey.user,
        passkey=passkey,
        purpose=purpose.name.lower(),
        user_verified=used.user_verified,
    )
    return passkey
