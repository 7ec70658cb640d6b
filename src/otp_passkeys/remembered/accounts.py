"""The accounts that a browser remembers, and which of them may be greeted.

An account is named to the browser by a selector that only a holder of the cookie can have got, so nobody learns
whether an account exists that was never remembered here (S4.18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib.auth import HASH_SESSION_KEY, get_user_model
from django.core.exceptions import ValidationError
from django.db import router

from ..conf import conf
from ..impersonation import is_impersonated
from ..models import user_details
from ..sign_ins import proves_identity
from .cookie import Cookie, Entry, digest, read, write

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

MARK = "otp_passkeys_remembered"


@dataclass(frozen=True)
class Account:
    """An account that this browser remembers.

    :param user: the user: active, with the password of the sign-in that is remembered.
    :param selector: what names the account in addresses and requests of this browser.
    """

    user: Any
    selector: str

    @property
    def name(self) -> str:
        """What a page calls the account before anybody has signed in."""
        name = user_details(self.user).name
        return _masked(name) if _shows_part() else name

    @property
    def display_name(self) -> str:
        """What the user is called, if the page may say so and it is not the name of the account."""
        details = user_details(self.user)
        is_kept_back = _shows_part() or details.display_name == details.name
        return "" if is_kept_back else details.display_name

    @property
    def initial(self) -> str:
        """The letter that stands for the account."""
        return (self.display_name or self.name)[:1].upper()


def accounts(request: HttpRequest) -> list[Account]:
    """Return the accounts that this browser remembers, newest first: one query, and none without a cookie.

    :param request: a request of the browser.
    """
    cookie = read(request)
    return _valid(cookie, cookie.entries)


def account(request: HttpRequest, selector: object) -> Account | None:
    """Return the remembered account that a selector names, or None, whatever is wrong with it.

    :param request: a request of the browser.
    :param selector: what the request says.
    """
    if not selector:  # as when nobody is remembered; the cookie need not be read
        return None
    cookie = read(request)
    return next(iter(_valid(cookie, cookie.named(selector))), None)


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser remember the account that has signed in, as the one that is active there.

    :param request: a request of its session.
    :param response: the answer that brings the cookie.
    """
    user: Any = request.user
    # Somebody who impersonates a user does so in their own browser (P13); nor is it known to be the
    # user's if the user was not asked (P15).
    if (
        not conf.OTP_PASSKEYS_REMEMBER_ACCOUNTS
        or not user.is_authenticated
        or is_impersonated(request)
        or not proves_identity(request)
    ):
        return
    entry = Entry.of(user)
    request.session[MARK] = entry.digest
    write(response, read(request).with_first(entry))


def remember_once(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser remember the account, once in a session, and once more after each change of the password.

    :param request: a request of the session of a user, who is not loaded where it has done so.
    :param response: the answer that brings the cookie.
    """
    if request.session.get(MARK) != digest(request.session.get(HASH_SESSION_KEY, "")):
        remember(request, response)


def renew(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep the remembered account after the hash of its password has changed; a forgotten one is not added again.

    :param request: a request of its session.
    :param response: the answer that brings the cookie.
    """
    entry = Entry.of(request.user)
    known = any(one.pk == entry.pk for one in read(request).entries)
    if known or MARK not in request.session:
        remember(request, response)
    else:
        request.session[MARK] = entry.digest


def forget(request: HttpRequest, response: HttpResponseBase, selector: object) -> bool:
    """Let the browser forget an account: its entry is gone, not hidden. Say whether there was one.

    :param request: a request of the browser.
    :param response: the answer that brings the cookie.
    :param selector: what names the account; an unknown one changes nothing.
    """
    cookie = read(request)
    for entry in cookie.named(selector):
        write(response, cookie.without(entry.pk))
        if str(request.user.pk) == entry.pk:
            request.session[MARK] = entry.digest  # or the next sync would bring it back
        return True
    return False


def forget_user(request: HttpRequest, response: HttpResponseBase, user: Any) -> None:
    """Let the browser forget the account of a user.

    :param request: a request of the browser.
    :param response: the answer that brings the cookie.
    :param user: who it is.
    """
    write(response, read(request).without(str(user.pk)))


def leave(request: HttpRequest, response: HttpResponseBase) -> None:
    """Note that the account which is active in the browser signs out: whoever is next goes on where it was.

    :param request: a request of its session.
    :param response: the answer that brings the cookie.
    """
    cookie = read(request)
    if cookie.is_active:
        write(response, replace(cookie, is_active=False))


def may_return(request: HttpRequest, user: Any) -> bool:
    """Say whether a user who signs in may go to the page that was asked for (S4.19).

    It was somebody else's if another account was active in this browser and has not signed out.

    :param request: the request that signs in.
    :param user: who signs in.
    """
    cookie = read(request)
    return not cookie.is_active or cookie.entries[0].pk == str(user.pk)


def _valid(cookie: Cookie, entries: tuple[Entry, ...]) -> list[Account]:
    if not entries:
        return []
    try:
        # From where writes go: a replica that lags would greet with a password that was just changed.
        model = get_user_model()
        users = model._default_manager.using(router.db_for_write(model))
        found = {str(user.pk): user for user in users.filter(pk__in=[one.pk for one in entries])}
    except (ValueError, TypeError, ValidationError):  # the site's primary keys were of another kind
        return []
    return [
        Account(found[entry.pk], cookie.selector(entry))
        for entry in entries
        if entry.pk in found and entry.is_of(found[entry.pk])
    ]


def _shows_part() -> bool:
    return conf.OTP_PASSKEYS_REMEMBER_ACCOUNTS == "masked"


def _masked(name: str) -> str:
    """Return a name in part: ``b…@e….com`` for ``bob@example.com``, ``b…`` for ``bob``."""
    local, _, domain = name.rpartition("@")
    if not local or not domain:
        return f"{name[:1]}…"
    host, dot, top = domain.rpartition(".")
    return f"{local[:1]}…@{host[:1]}….{top}" if dot else f"{local[:1]}…@{domain[:1]}…"
