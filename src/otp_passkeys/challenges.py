"""Challenges: nothing is stored when one is asked for, and the first answer spends it.

A challenge is a header and a message authentication code over the header and over what must be the same when the
answer comes: the browser, or the client without cookies, and the user who is signed in. So beginning a ceremony writes
nothing, any worker can finish it, and an answer that was given elsewhere does not fit. What makes it single-use is one
insert when it is answered: the primary key of :class:`~otp_passkeys.models.SpentChallenge` lets one of many racing
requests through (WebAuthn L3 §13.4.3).
"""

from __future__ import annotations

import datetime
import enum
import hmac
import secrets
import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, router, transaction
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare, salted_hmac

from .conf import conf
from .encoding import short_key
from .exceptions import ChallengeExpired, ChallengeInvalid, ChallengeSpent
from .models import SpentChallenge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

__all__ = ["Purpose"]

VERSION = 1
_HEADER = struct.Struct(">BBBQ16s16s")  # version, purpose, verification, time, account, random
_MAC_LENGTH = 32
_ANYONE = bytes(16)
_CLOCK_SKEW = 60  # seconds by which the clocks of two workers may differ
_SPENT_MARGIN = 3600  # seconds: a purged row never lets a challenge live again, whatever the clocks
# Seconds more where times are stored without a zone (USE_TZ = False): local time goes back by up to two hours when
# daylight saving ends, and by more when a site changes its TIME_ZONE.
_LOCAL_TIME_MARGIN = 86_400
PURGE_EVERY = 64  # one spend in so many removes expired rows
_PURGE_ROWS = 100
_SALT = "otp_passkeys.challenges"
_NONCE_SALT = f"{_SALT}.without_cookies"


class Purpose(enum.IntEnum):
    """What a challenge was asked for; it fixes what its answer may do."""

    REGISTER = 1
    UPGRADE = 2
    SIGN_IN = 3
    CONFIRM = 4

    @property
    def requires_user_presence(self) -> bool:
        """Whether a gesture is demanded: always but for an automatic upgrade (L3 §7.1 step 15)."""
        return self is not Purpose.UPGRADE


@dataclass(frozen=True)
class Challenge:
    """A challenge that is ours and still young.

    :param value: the bytes that the authenticator signs.
    :param purpose: what it was asked for.
    :param requires_user_verification: whether the answer must carry UV.
    :param issued_at: seconds since the epoch.
    """

    value: bytes = field(repr=False)
    purpose: Purpose
    requires_user_verification: bool
    issued_at: int
    _account: bytes = field(repr=False)
    _random: bytes = field(repr=False)
    _secret: str | bytes = field(repr=False)

    @property
    def is_for_anyone(self) -> bool:
        """Whether any account may answer."""
        return self._account == _ANYONE

    def is_for(self, account: Any) -> bool:
        """Say whether the account may answer.

        :param account: what :func:`issue` was given, the primary key of a user.
        """
        return self.is_for_anyone or constant_time_compare(
            self._account, _account_digest(account, self._random, self._secret)
        )


def issue(
    request: HttpRequest,
    *,
    purpose: Purpose,
    requires_user_verification: bool,
    account: Any = None,
    nonce_hash: str | None = None,
) -> bytes:
    """Make a challenge for the browser and user of a request; nothing is written.

    :param request: the request that begins the ceremony.
    :param purpose: what the answer may do.
    :param requires_user_verification: whether the answer must carry UV.
    :param account: the primary key of the user it is meant for, or a text that says more; None for anyone.
    :param nonce_hash: what a client without cookies is known by; None for a browser.
    :return: 75 bytes.
    """
    secret = settings.SECRET_KEY
    random = secrets.token_bytes(16)
    header = _HEADER.pack(
        VERSION,
        purpose,
        requires_user_verification,
        int(time.time()),
        _ANYONE if account is None else _account_digest(account, random, secret),
        random,
    )
    return header + _mac(request, header, secret, nonce_hash)


def read(request: HttpRequest, value: bytes, *, nonce_hash: str | None = None) -> Challenge:
    """Return the challenge if it was issued to this browser and user and is not too old.

    :param request: the request that finishes the ceremony, before ``login()`` rotates the CSRF secret.
    :param value: the bytes that came back in the client data.
    :param nonce_hash: that of the nonce which a client without cookies brings; None for a browser.
    :raises ChallengeInvalid: if it is forged, or of another browser, client or user, or of the future.
    :raises ChallengeExpired: if it is older than ``OTP_PASSKEYS_CHALLENGE_MAX_AGE``.
    """
    if len(value) != _HEADER.size + _MAC_LENGTH:
        raise ChallengeInvalid("challenge has a foreign length")
    header, mac = value[: _HEADER.size], value[_HEADER.size :]
    for secret in _secrets():
        if hmac.compare_digest(mac, _mac(request, header, secret, nonce_hash)):
            break
    else:
        raise ChallengeInvalid("challenge of another browser, user or site")
    version, purpose, verification, issued_at, account, random = _HEADER.unpack(header)
    if version != VERSION:
        raise ChallengeInvalid("challenge of another version")
    age = time.time() - issued_at
    if age < -_CLOCK_SKEW:
        raise ChallengeInvalid(f"challenge is more than {_CLOCK_SKEW} seconds in the future")
    max_age = conf.OTP_PASSKEYS_CHALLENGE_MAX_AGE
    if age > max_age:
        raise ChallengeExpired(
            f"challenge is older than {max_age} seconds: OTP_PASSKEYS_CHALLENGE_MAX_AGE"
        )
    return Challenge(
        value, Purpose(purpose), bool(verification), issued_at, account, random, secret
    )


def spend(challenge: Challenge) -> None:
    """Let this challenge never be answered again.

    Call it first in the transaction that records the answer: one of many racing requests gets past it.

    :param challenge: the challenge that an answer names.
    :raises ChallengeSpent: if it was answered before; the transaction is then to be rolled back.
    """
    expires = challenge.issued_at + conf.OTP_PASSKEYS_CHALLENGE_MAX_AGE
    spend_once(challenge.value, expires=expires)


def spend_once(value: bytes, *, expires: float) -> None:
    """Let one of any number of requests pass that bring the same value.

    Call it in a transaction, and roll that back if this raises.

    :param value: what may come once. A client must not be able to choose it.
    :param expires: seconds since the epoch, after which the value is not accepted any more.
    :raises ChallengeSpent: if it was brought before.
    """
    using = router.db_for_write(SpentChallenge)
    margin = _SPENT_MARGIN + (0 if settings.USE_TZ else _LOCAL_TIME_MARGIN)
    try:
        SpentChallenge(digest=short_key(value), expires_at=_column_time(expires + margin)).save(
            force_insert=True, using=using
        )
    except IntegrityError as error:
        raise ChallengeSpent("answered before") from error
    # Not by bits of the value: a client can ask for challenges until one has them.
    if secrets.randbelow(PURGE_EVERY) == 0:
        transaction.on_commit(lambda: purge(limit=_PURGE_ROWS), using=using, robust=True)


def spend_refused(challenge: Challenge) -> None:
    """Spend the challenge of an answer that was refused, after its transaction was rolled back.

    :param challenge: the challenge that the refused answer named.
    """
    try:
        with transaction.atomic(using=router.db_for_write(SpentChallenge)):
            spend(challenge)
    except ChallengeSpent:
        pass  # Another answer came first: it is spent, which is all that is wanted.


def purge(*, limit: int | None = None) -> int:
    """Remove challenges whose time is over and return how many.

    :param limit: at most so many rows; None for all.
    """
    every = SpentChallenge.objects.using(router.db_for_write(SpentChallenge))
    rows = every.filter(expires_at__lt=_column_time(time.time()))
    if limit is not None:
        # By primary key: there is no limited delete that all databases understand.
        keys = list(rows.values_list("pk", flat=True)[:limit])
        rows = every.filter(pk__in=keys)
    removed: int = rows.delete()[0]
    return removed


def _column_time(seconds: float) -> datetime.datetime:
    """Return a time as a ``DateTimeField`` of this site takes it, as ``django.utils.timezone.now()`` does.

    :param seconds: since the epoch.
    """
    zone = datetime.timezone.utc if settings.USE_TZ else None
    return datetime.datetime.fromtimestamp(seconds, tz=zone)


def _secrets() -> Iterator[str | bytes]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _mac(request: HttpRequest, header: bytes, secret: str | bytes, nonce_hash: str | None) -> bytes:
    # Keys of their own: a challenge for a browser is none for a client without cookies, nor the reverse.
    salt, client = _NONCE_SALT, nonce_hash
    if nonce_hash is None:
        # META holds the CSRF secret unmasked, also with CSRF_USE_SESSIONS; a raw cookie may be masked. A visitor who
        # has none gets one as from get_token(), but without the mask for a page, which costs more than this digest.
        if "CSRF_COOKIE" not in request.META:
            rotate_token(request)
        salt, client = _SALT, request.META["CSRF_COOKIE"]
    signed_in = str(request.user.pk) if request.user.is_authenticated else ""
    # Neither secret nor hash has a colon, and the user comes last: no two inputs read the same.
    message = header + f"{client}:{signed_in}".encode()
    return salted_hmac(salt, message, secret=secret, algorithm="sha256").digest()


def _account_digest(user_pk: Any, random: bytes, secret: str | bytes) -> bytes:
    message = random + str(user_pk).encode()
    return salted_hmac(f"{_SALT}.account", message, secret=secret, algorithm="sha256").digest()[:16]
