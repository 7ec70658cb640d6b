"""What browsers and clients without cookies share in using a passkey (WebAuthn L3 §7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import auth
from django.contrib.auth.signals import user_login_failed

from .. import ceremonies, credentials
from ..challenges import Purpose
from ..exceptions import (
    CredentialDisabled,
    CredentialNotFound,
    CredentialUserMismatch,
    PasskeyError,
)
from ..models import Passkey
from ..relying_party import relying_party
from .announcing import announce_refusal

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..ceremonies import UsedCredential
    from ..challenges import Challenge


@dataclass(frozen=True)
class Authentication:
    """A passkey that was used.

    :param passkey: the passkey, with its user.
    :param purpose: :attr:`Purpose.SIGN_IN` or :attr:`Purpose.CONFIRM`.
    """

    passkey: Passkey
    purpose: Purpose

    @property
    def user(self) -> Any:
        """The owner of the passkey."""
        return self.passkey.user


class _RefusedByBackend(CredentialDisabled):
    """A backend refused; Django has sent ``user_login_failed`` for it."""


def passkey_of(received: credentials.ReceivedCredential) -> Passkey:
    """Return the passkey that answers.

    :param received: the credential, read and not verified.
    :raises CredentialNotFound: if no account has its credential ID.
    """
    passkey: Passkey | None = Passkey.objects.with_credential_id(
        credentials.credential_id(received)
    )
    if passkey is None:
        raise CredentialNotFound("credential ID is in no row")
    return passkey


def verify(
    request: HttpRequest,
    received: credentials.ReceivedCredential,
    challenge: Challenge,
    passkey: Passkey,
) -> UsedCredential:
    """Judge the answer first and the account afterwards: without a signature the answer tells nothing about it.

    :param request: the request that brings the answer.
    :param received: the credential, read and not verified.
    :param challenge: the challenge that it names.
    :param passkey: the passkey that answers.
    :raises PasskeyError: if it proves nothing, or for another account, or the passkey is disabled.
    """
    used = ceremonies.verify_authentication(
        received,
        challenge=challenge.value,
        relying_party=relying_party(request),
        public_key=bytes(passkey.public_key),
        backup_eligible=passkey.backup_eligible,
        user_handles=passkey.possible_handles,
        requires_user_handle=challenge.is_for_anyone,
        requires_user_verification=challenge.requires_user_verification,
    )
    if not challenge.is_for(passkey.user_id):
        raise CredentialUserMismatch("passkey of another account")
    if not passkey.confirmed:
        raise CredentialDisabled("passkey is disabled")
    return used


def vouched_for(request: HttpRequest, passkey: Passkey) -> Any:
    """Return the owner of a passkey if a backend lets them in.

    Receivers hear of one that refuses, and may write rows, which are kept: a refusal is committed.

    :param request: the request that brings the answer.
    :param passkey: a passkey that was verified.
    :raises PasskeyError: if no backend does.
    """
    user = auth.authenticate(request, verified_passkey=passkey)
    if user is None:
        raise _RefusedByBackend("no backend lets the user in")
    if user.pk != passkey.user_id:
        # The backend went by something else in the request, which may be anybody's.
        raise CredentialUserMismatch("a backend returned another user than the passkey's")
    return user


def announce_failure(request: HttpRequest, error: PasskeyError, passkey: Passkey | None) -> None:
    """Announce a refusal, also to what counts failed sign-ins.

    :param request: the request that was refused.
    :param error: why.
    :param passkey: the passkey that answered, where one was found.
    """
    announce_refusal(request, error, passkey)
    if isinstance(error, _RefusedByBackend):
        return
    name = {passkey.user.USERNAME_FIELD: passkey.user.get_username()} if passkey else {}
    user_login_failed.send(sender=__name__, credentials=name, request=request)
