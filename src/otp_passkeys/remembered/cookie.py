"""The cookie itself: what it holds, and how it is read and written.

An entry holds the primary key of a user and a digest of what Django binds sessions to. No credential ID is in it, and
nothing that opens anything.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from ..conf import conf
from ..encoding import to_base64url

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

COOKIE = "otp_passkeys_accounts"
VERSION = 1
MAX_ACCOUNTS = 5
# Seconds; of the signature, and of each entry since its account signed in.
MAX_AGE = 180 * 24 * 3600
MAX_LENGTH = 2048  # characters: what is longer is neither read nor written
_SALT = "otp_passkeys.remembered"


@dataclass(frozen=True)
class Entry:
    """One account in the cookie.

    :param pk: the primary key of the user, as text.
    :param digest: binds it to the password that the user had.
    :param time: of the last sign-in, in seconds since the epoch.
    """

    pk: str
    digest: str
    time: int

    @classmethod
    def of(cls, user: Any) -> Entry:
        """Return the entry of a user who has just signed in.

        :param user: who it is.
        """
        return cls(str(user.pk), digest(user.get_session_auth_hash()), int(time.time()))

    def is_of(self, user: Any) -> bool:
        """Say whether a user with this primary key is still the one to greet.

        :param user: as they are now: with another password, or if the site's policy no longer lets them in, they
            are not.
        """
        # The second part is for a SECRET_KEY that was rotated.
        hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
        known = any(constant_time_compare(self.digest, digest(one)) for one in hashes)
        return known and conf.OTP_PASSKEYS_POLICY.may_sign_in(user)


@dataclass(frozen=True)
class Cookie:
    """What the cookie holds.

    :param random: makes the selectors of this browser unlike those of any other.
    :param is_active: whether the first entry's account has not signed out since.
    :param entries: newest first.
    """

    random: str
    is_active: bool = False
    entries: tuple[Entry, ...] = ()

    def selector(self, entry: Entry) -> str:
        """Return what names an entry in addresses and requests of this browser.

        :param entry: one of the entries.
        """
        # The key is the site's, so that nobody else can make one.
        message = f"{self.random}:{entry.pk}"
        return to_base64url(salted_hmac(_SALT, message, algorithm="sha256").digest()[:16])

    def named(self, selector: object) -> tuple[Entry, ...]:
        """Return the entry that a selector names, or nothing.

        :param selector: what a request says.
        """
        if not isinstance(selector, str) or not selector.isascii():
            return ()
        return tuple(
            entry for entry in self.entries if constant_time_compare(self.selector(entry), selector)
        )

    def without(self, pk: str) -> Cookie:
        """Return the cookie without an account; nothing of it is kept.

        :param pk: the primary key of the user, as text.
        """
        entries = tuple(entry for entry in self.entries if entry.pk != pk)
        return replace(self, entries=entries, is_active=self._still_active(entries))

    def with_first(self, entry: Entry) -> Cookie:
        """Return the cookie with an account that is active from now on.

        :param entry: the account that has signed in.
        """
        others = self.without(entry.pk).entries
        return replace(self, entries=(entry, *others)[:MAX_ACCOUNTS], is_active=True)

    def without_old(self) -> Cookie:
        """Return the cookie without the accounts that signed in too long ago."""
        limit = time.time() - MAX_AGE
        entries = tuple(entry for entry in self.entries if entry.time >= limit)
        return replace(self, entries=entries, is_active=self._still_active(entries))

    def _still_active(self, entries: tuple[Entry, ...]) -> bool:
        return self.is_active and entries[:1] == self.entries[:1]


def read(request: HttpRequest) -> Cookie:
    """Return what the cookie holds: nothing if it is not ours, too old, too long or of another version.

    :param request: a request of the browser.
    """
    value = request.COOKIES.get(COOKIE, "")
    empty = Cookie(secrets.token_urlsafe(12))
    # Bounded before anything is computed of it.
    if not conf.OTP_PASSKEYS_REMEMBER_ACCOUNTS or len(value) > MAX_LENGTH or not value.isascii():
        return empty
    try:
        version, *members = signing.loads(value, salt=_SALT, max_age=MAX_AGE)
        if version != VERSION:
            return empty
        random, is_active, rows = members
        return Cookie(random, bool(is_active), tuple(Entry(*row) for row in rows)).without_old()
    except (signing.BadSignature, ValueError, TypeError):
        return empty


def write(response: HttpResponseBase, cookie: Cookie) -> None:
    """Put the cookie on an answer; one without accounts is deleted.

    :param response: the answer.
    :param cookie: what it is to hold.
    """
    place: dict[str, Any] = {
        "path": settings.SESSION_COOKIE_PATH,
        "domain": settings.SESSION_COOKIE_DOMAIN,
        "samesite": "Lax",
    }
    value = _signed(cookie)
    while len(value) > MAX_LENGTH:  # long primary keys: the oldest account has to go
        cookie = replace(cookie, entries=cookie.entries[:-1])
        value = _signed(cookie)
    if not cookie.entries:
        response.delete_cookie(COOKIE, **place)
        return
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, value, max_age=MAX_AGE, httponly=True, secure=secure, **place)


def _signed(cookie: Cookie) -> str:
    rows = [[entry.pk, entry.digest, entry.time] for entry in cookie.entries]
    return signing.dumps([VERSION, cookie.random, int(cookie.is_active), rows], salt=_SALT)


def digest(session_auth_hash: str) -> str:
    """Return what binds an entry to a password.

    :param session_auth_hash: what Django binds sessions to: ``get_session_auth_hash()`` of the user.
    """
    # The hash is keyed and long, and the session holds it; so the cookie must not.
    return to_base64url(hashlib.sha256(f"{_SALT}:{session_auth_hash}".encode()).digest()[:16])
