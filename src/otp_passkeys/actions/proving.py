"""What somebody with a token proves in the exchange that adds a passkey, and whether it still stands at the end.

A token says who its user is, and nothing of how long ago they were there, nor whether it was stolen. No session keeps a
proof here, so the challenge does: it is bound to the user's password and to the device that gave the proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import throttling
from ..exceptions import MalformedRequest, ReauthenticationFailed, ReauthenticationRequired
from ..models import read_anew
from ..usable import has_second_factor, other_devices
from .confirming import ways_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_otp.models import Device

    from ..challenges import Challenge
    from ..models import Passkey
    from .ways import Way


def bound(user: Any, device: Device | None) -> str:
    """Return what a challenge is bound to.

    :param user: who proved who they are.
    :param device: the passkey or other device that proved it; None for a password alone.
    """
    return _bound(user, user.get_session_auth_hash(), device)


def by_password_and_code(
    request: HttpRequest, passkeys: list[Passkey], password: object, otp_token: object
) -> Device | None:
    """Judge the password and the code, and return the device whose code it is.

    Whatever of the two a user has is demanded: the password, and a code if there is a second factor (P6). Without the
    code the password is not judged, so the answer tells nothing about it.

    :param request: a request of the user.
    :param passkeys: all of the user's.
    :param password: what was given as password.
    :param otp_token: what was given as code of a django-otp device.
    :raises ReauthenticationRequired: if one is missing, or the only second factor is a passkey.
    :raises ReauthenticationFailed: if one is wrong.
    :raises Throttled: if the site's limit says no, or the user's passwords were guessed too often.
    :raises MalformedRequest: if one is no text.
    """
    ways = ways_of(request)
    passwords = [way for way in ways if way.name == "password"]
    # Recovery codes last: each device that is asked in vain counts a failure.
    codes = [way for way in ways if way.name == "token"]
    codes.sort(key=lambda way: getattr(way, "is_recovery", False))
    demanded = has_second_factor(request.user, passkeys)
    if (passwords and not password) or (demanded and not (codes and otp_token)):
        raise ReauthenticationRequired("password or code is missing")
    if not passwords and not demanded:
        raise ReauthenticationRequired("no way to prove it")
    throttling.require_calm(request, throttling.ANSWER)
    try:
        if passwords:
            _prove(request, passwords, password=password)
        return _prove(request, codes, token=otp_token) if demanded else None
    except ReauthenticationFailed:
        throttling.note_refusal(request)
        raise


def require_still(challenge: Challenge, user: Any, passkeys: list[Passkey]) -> None:
    """Refuse if the proof has gone since the challenge was issued (P15).

    :param challenge: a challenge that is bound to the proof.
    :param user: who proved who they are.
    :param passkeys: all that the user has, but for what is being added.
    :raises ReauthenticationRequired: if the device that gave it is gone, if the password has changed, or if the
        password alone gave it and there is a second factor now.
    """
    now = read_anew(user)
    hashes = [now.get_session_auth_hash(), *now.get_session_auth_fallback_hash()]

    def proved_by(device: Device | None) -> bool:
        return any(challenge.is_for(_bound(user, one, device)) for one in hashes)

    if any(passkey.confirmed and proved_by(passkey) for passkey in passkeys):
        return
    others = other_devices(user)
    # A passkey that was added meanwhile demands nothing of what was begun before.
    if any(map(proved_by, others)) or (not others and proved_by(None)):
        return
    raise ReauthenticationRequired("what proved it is gone")


def _bound(user: Any, session_auth_hash: str, device: Device | None) -> str:
    return f"{user.pk}:{session_auth_hash}:{'' if device is None else device.persistent_id}"


def _prove(request: HttpRequest, ways: list[Way], **given: object) -> Device | None:
    """Return what is proved by the first way that accepts what was given."""
    if not all(_is_text(value) for value in given.values()):
        raise MalformedRequest("password or code is no text")
    failure = ReauthenticationFailed("nothing takes it")
    for way in ways:
        form = way.form(given)
        if not form.is_valid():
            raise MalformedRequest("password or code is no text that its form takes")
        try:
            return way.prove(request, form.cleaned_data)
        except ReauthenticationFailed as error:
            failure = error
    raise failure


def _is_text(value: object) -> bool:
    """Say whether a value is text that can be encoded; JSON can escape half of a surrogate pair."""
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:
        return False
