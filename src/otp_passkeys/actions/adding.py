"""What browsers and clients without cookies share in adding a passkey (WebAuthn L3 §7.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction

from .. import ceremonies, challenges, credentials
from ..challenges import Purpose
from ..exceptions import (
    CredentialAlreadyRegistered,
    PasskeyNotFound,
    TooManyPasskeys,
    TryAgain,
)
from ..models import Passkey, UserHandle, oldest_first, user_details
from ..nicknames import clean_nickname
from ..numbering import tell_apart
from ..relying_party import relying_party
from ..signals import passkey_registered
from .acting import require_acting_user
from .announcing import announce
from .spending import spending

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..challenges import Challenge

# So that no account slows a site (T30); people have a handful.
MAX_PASSKEYS = 100
"""How many passkeys an account may have; one that has as many gets no options for another."""

RequireStill = Callable[["Challenge", Any, list[Passkey]], None]
_HINTS = frozenset({"security-key", "client-device", "hybrid"})  # WebAuthn L3 §5.8.7


@dataclass(frozen=True)
class Registration:
    """A passkey that was added.

    :param passkey: the stored passkey.
    :param nickname_error: why the nickname was dropped, or an empty string.
    """

    passkey: Passkey
    nickname_error: str = ""


def with_room(user: Any) -> tuple[UserHandle | None, list[Passkey]]:
    """Return the handle and the passkeys of a user who may have one more.

    :param user: their owner.
    :raises TooManyPasskeys: before a proof is asked for that would lead to nothing.
    """
    handle, passkeys = UserHandle.with_passkeys(
        user, of_passkeys=["credential_id", "transports", "rp_id", "confirmed"]
    )
    if len(passkeys) >= MAX_PASSKEYS:
        raise TooManyPasskeys("as many as an account may have")
    return handle, passkeys


def creation_options(
    request: HttpRequest,
    user: Any,
    handle: UserHandle | None,
    passkeys: list[Passkey],
    *,
    purpose: Purpose,
    user_verification: str,
    hints: object,
    proof: str | None = None,
    nonce_hash: str | None = None,
) -> dict[str, Any]:
    """Return the options for a user who has proved who they are.

    :param request: the request that begins.
    :param user: who adds a passkey.
    :param handle: the user's handle, if there is one.
    :param passkeys: all that the user has.
    :param purpose: :attr:`Purpose.REGISTER` or :attr:`Purpose.UPGRADE`.
    :param user_verification: ``"required"`` or ``"preferred"``.
    :param hints: as in :func:`begin_registration`.
    :param proof: what the challenge is bound to, where no session keeps the proof.
    :param nonce_hash: what a client without cookies is known by.
    """
    party = relying_party(request)  # where there is none, no handle is written
    try:
        handle = handle or UserHandle.of(user)
    except IntegrityError as error:
        raise TryAgain("its user has just gone") from error
    details = user_details(user)
    options = ceremonies.registration_options(
        relying_party=party,
        user_handle=bytes(handle.handle),
        name=details.name,
        display_name=details.display_name,
        challenge=challenges.issue(
            request,
            purpose=purpose,
            requires_user_verification=user_verification == "required",
            account=proof,
            nonce_hash=nonce_hash,
        ),
        exclude=[(bytes(passkey.credential_id), passkey.transports) for passkey in passkeys],
        user_verification=user_verification,
    )
    # Without an authenticatorAttachment: the user may still choose another place than the hinted one.
    return options | ({"hints": known} if (known := _known_hints(hints)) else {})


def _known_hints(hints: object) -> list[str]:
    if not isinstance(hints, list):
        return []
    return list(dict.fromkeys(hint for hint in hints if isinstance(hint, str) and hint in _HINTS))


def add(
    request: HttpRequest,
    credential: object,
    nickname: object,
    require_still: RequireStill,
    *,
    nonce_hash: str | None = None,
) -> tuple[Registration, Purpose]:
    """Verify an answer and store the passkey, and return what it was asked for.

    :param request: a request of the user who began.
    :param credential: ``PublicKeyCredential.toJSON()``, parsed.
    :param nickname: what the user calls it.
    :param require_still: refuses if what the user proved is gone. It gets the challenge, the user, and all that
        they had before.
    :param nonce_hash: that of the nonce which a client without cookies brings.
    :raises PasskeyError: if it is refused; nothing is stored then.
    """
    user = require_acting_user(request)
    kept, nickname_error = _kept(nickname)
    received = credentials.read_credential(credential)
    party = relying_party(request)
    purposes = {Purpose.REGISTER, Purpose.UPGRADE}
    with spending(request, received, purposes, nonce_hash=nonce_hash) as challenge:
        verified = ceremonies.verify_registration(
            received,
            challenge=challenge.value,
            relying_party=party,
            requires_user_presence=challenge.purpose.requires_user_presence,
            requires_user_verification=challenge.requires_user_verification,
        )
        handle, others = UserHandle.with_passkeys(
            user,
            "emptied_at",
            "mailed_at",
            of_passkeys=["created_at", "nickname", "aaguid", "number", "rp_id", "confirmed"],
        )
        tell_apart(oldest_first(others))
        if handle is None:
            raise PasskeyNotFound("its user has just gone")
        passkey = Passkey(user=handle.user, rp_id=party.id, **vars(verified))
        passkey.give_nickname(kept, others)
        _store(passkey, challenge, others, require_still)
        if handle.emptied_at is not None:
            using = router.db_for_write(Passkey)
            UserHandle.objects.using(using).filter(pk=user.pk).update(emptied_at=None)
        announce(
            passkey_registered,
            request=request,
            user=user,
            passkey=passkey,
            purpose=challenge.purpose.name.lower(),
        )
    return Registration(passkey, nickname_error), challenge.purpose


def _kept(nickname: object) -> tuple[str, str]:
    """Return a nickname as it is stored, and why it was dropped, if it was."""
    try:
        return clean_nickname(nickname), ""
    except ValidationError as error:
        return "", error.messages[0]


def _store(
    passkey: Passkey, challenge: Challenge, others: list[Passkey], require_still: RequireStill
) -> None:
    """Insert a passkey, if what its user proved still stands.

    If it is refused, only the insert is undone, and its challenge is spent.

    :param others: the user's others: they say whether the proof's own is there.
    """
    using = router.db_for_write(Passkey)
    try:
        with transaction.atomic(using=using):
            # First, so that one that is there already is refused as such.
            passkey.save(using=using)
            # The browser has saved it, so the last of two tabs may pass the limit. Hundreds of options that were kept
            # for later may not.
            if len(others) >= 2 * MAX_PASSKEYS:
                raise TooManyPasskeys("options were kept to add more than an account may have")
            require_still(challenge, passkey.user, others)
    except IntegrityError as error:
        raise CredentialAlreadyRegistered("credential ID is in the table") from error
