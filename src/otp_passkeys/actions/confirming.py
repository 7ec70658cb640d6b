"""Confirming, in a session, that it is still the same person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import django_otp
from django.utils.module_loading import import_string

from .. import reauthentication, throttling
from ..conf import conf
from ..exceptions import ReauthenticationFailed
from ..sign_ins import refuse_token, require_session
from .acting import require_acting_user
from .user_verification import must_verify

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .ways import Way


def ways_of(request: HttpRequest, *, need: str | None = None) -> list[Way]:
    """Return the ways that the user of a session has, the preferred first.

    :param request: a request of the session.
    :param need: ``"passkey"`` or ``"second-factor"`` if nothing else will do.
    """
    ways = [
        way
        for path in conf.OTP_PASSKEYS_REAUTHENTICATION_WAYS
        for way in import_string(path).of(request)
    ]
    if need == "passkey":
        return _passkeys(ways)
    if need == "second-factor":
        return _second_factors(request, ways)
    alone = [way for way in ways if not way.needs_another]
    return sorted(alone, key=lambda way: way.is_doubtful)


def _passkeys(ways: list[Way]) -> list[Way]:
    """Return the passkey, and before one that needs another proof what may be given first."""
    by_passkey = [way for way in ways if way.name == "passkey"]
    if not any(way.needs_another for way in by_passkey):
        return by_passkey
    return [way for way in ways if not way.is_second_factor] + by_passkey


def _second_factors(request: HttpRequest, ways: list[Way]) -> list[Way]:
    """Return the second factors, and what may be given first so that a touch is one."""
    factors = [way for way in ways if way.is_second_factor]
    by_passkey = [way for way in factors if way.name == "passkey"]
    if not by_passkey or not must_verify(request):
        return factors
    first = [way for way in ways if not way.is_second_factor]
    # Then nothing makes a touch do.
    always = conf.OTP_PASSKEYS_USER_VERIFICATION == "always"
    if always and not any(way.needs_another for way in by_passkey):
        first = []
    if not any(way.is_doubtful for way in by_passkey):
        return factors + first
    return sorted(first + factors, key=lambda way: way.is_doubtful)


def confirm(request: HttpRequest, way: Way, data: Mapping[str, Any]) -> None:
    """Judge what a user gave, and note in the session that they proved who they are.

    The session gets a new key: one that was known to somebody else is worth nothing afterwards.

    :param request: a request of the user.
    :param way: one of the user's ways.
    :param data: the cleaned data of its form.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises Throttled: if the site's limit says no.
    :raises ReauthenticationFailed: if it proves nothing; the session is as before.
    :raises ImproperlyConfigured: if the request has no session.
    """
    refuse_token(request, "confirm")
    require_session(request, "confirm")
    throttling.require_calm(request, throttling.ANSWER)
    user = require_acting_user(request)
    try:
        device = way.prove(request, data)
    except ReauthenticationFailed:
        throttling.note_refusal(request)
        raise
    reauthentication.renew_key(request)
    reauthentication.mark(request, user, method=way.name, device=device)
    if device is not None:
        django_otp.login(request, device)
