"""Keeping password managers in step: the page says that something is due, the browser fetches what it is.

The session holds a flag, a nonce. The template tag asks :func:`is_due` and writes nothing; the browser fetches
:func:`payload`, signals it, and reports back with the nonce, which :func:`report` clears. So a page that nobody saw
costs nothing, and a list is never older than the moment at which it is signalled (WebAuthn L3 §5.1.10).
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import Error, router
from django.http.request import split_domain_port

from . import synced_cookie
from .conf import conf
from .encoding import to_base64url
from .impersonation import is_impersonated
from .models import ImportedHandle, Passkey, UserHandle, user_details
from .origins import is_local, is_same_or_parent
from .relying_party import request_host, rp_id_here
from .sign_ins import require_session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest, HttpResponseBase

    from .relying_party import RelyingParty

__all__ = ["arequest_user_details_sync", "is_due", "request_user_details_sync"]

FLAG = "otp_passkeys_sync"
SYNCED_AT = "otp_passkeys_synced_at"
# Seconds after which a session syncs again, for changes that were made without a request.
MAX_AGE = 3600
# Apps that keep passkeys of their own, by the names of their modules. What is in their tables is in none of ours.
OTHER_PASSKEY_APPS = (
    "django_otp_webauthn",
    "allauth.mfa",
    "passkeys",  # django-passkeys
    "mfa",  # django-mfa2
    "two_factor.plugins.webauthn",
    "django_mfa",
)


def is_on() -> bool:
    """Say whether this deployment tells browsers anything; an unknown value means no."""
    return conf.OTP_PASSKEYS_SIGNALS in (None, True, "no-unknown")


def request_user_details_sync(request: HttpRequest) -> None:
    """Make the browser fetch the user's details and list of passkeys on the next page.

    Call it after a change of user name, e-mail or display name. If nobody is signed in in the session, as beside the
    token of an API, there is no browser to tell, and nothing is written.

    :param request: the request in which something changed.
    :raises ImproperlyConfigured: if the request has no session.
    """
    session = require_session(request, "request_user_details_sync")
    if SESSION_KEY in session:
        session[FLAG] = secrets.token_urlsafe(12)


async def arequest_user_details_sync(request: HttpRequest) -> None:
    """Make the browser fetch the user's details on the next page, from an async view.

    :param request: the request in which something changed.
    :raises ImproperlyConfigured: if the request has no session.
    """
    session = require_session(request, "arequest_user_details_sync")
    if await session.ahas_key(SESSION_KEY):
        await session.aset(FLAG, secrets.token_urlsafe(12))


def on_user_logged_in(sender: Any, request: HttpRequest | None, **_: Any) -> None:
    """Raise the flag at every sign-in, by whatever way (S0.6).

    :param sender: the user class.
    :param request: the request that signed in; None where a site calls ``login()`` without one.
    """
    if getattr(request, "session", None) is not None:
        request_user_details_sync(request)  # type: ignore[arg-type]


def is_due(request: HttpRequest | None) -> bool:
    """Say whether the page being rendered should sync; never write, and raise errors of the database only.

    The session cookie is looked for first: reading the session adds ``Vary: Cookie`` and a query to the pages of
    visitors who have none.

    :param request: the request whose page is rendered, if there is one.
    """
    try:
        if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        if not _is_old(synced_cookie.read(request)):
            return False
        session = request.session
        if not is_on() or is_impersonated(request):  # then it is another's browser
            return False
        if SESSION_KEY not in session or not (FLAG in session or _is_old(session.get(SYNCED_AT))):
            return False
        return rp_id_here(request) is not None
    except Error:  # the page must not hide that its transaction is lost
        raise
    except Exception:
        return False


def note(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser keep when its session has synced, or forget it, if the request has read the session.

    Where a flag was raised otherwise than by a sign-in and the answer is lost, the cookie hides it for the rest of the
    hour.

    :param request: any request.
    :param response: its answer, with the cookie of the session if that has changed.
    """
    session = getattr(request, "session", None)
    if session is None or not session.accessed:
        return
    synced_at = session.get(SYNCED_AT)
    if SESSION_KEY not in session or FLAG in session or _is_old(synced_at):
        synced_cookie.delete(request, response)
    else:
        synced_cookie.write(request, response, synced_at, max_age=MAX_AGE)


def payload(request: HttpRequest, user: Any, relying_party: RelyingParty) -> dict[str, Any]:
    """Return what the browser is to signal for a user.

    All of the user's rows are read in one query, disabled ones included, from the database that writes go to: what
    the list leaves out, browsers delete (S0.24). Name and display name come with them: that of the request's user may
    be a replica's that lags. Users who have handles of another package pay for one query more.

    A former RP ID that is a parent of this host is left out: other deployments share it, and this one may hold a copy
    of their database.

    :param request: a request of their session.
    :param user: the user who is signed in.
    :param relying_party: for whom the current passkeys are.
    :return: ``token``, and with it ``rpId``, ``userId``, ``name``, ``displayName``, ``allAcceptedCredentialIds``
        (left out when empty, unless the last passkey was explicitly deleted, and where a passkey may be missing) and
        ``former`` for a user who ever had a passkey.
    """
    answer: dict[str, Any] = {"token": request.session.get(FLAG, "")}
    handle, passkeys = UserHandle.with_passkeys(
        user,
        "emptied_at",
        "has_imported_handles",
        of_passkeys=["credential_id", "rp_id", "handle", "handle_candidates"],
    )
    if handle is None:
        return answer
    host = request_host(request)
    calls = [
        call
        for call in _calls(handle, passkeys, current=relying_party.id)
        if call["rpId"] in (relying_party.id, host) or not is_same_or_parent(call["rpId"], host)
    ]
    return answer | (calls[0] | {"former": calls[1:]} if calls else {})


def _calls(
    handle: UserHandle, passkeys: Sequence[Passkey], *, current: str
) -> Iterator[dict[str, Any]]:
    """Return what to signal for each RP ID and user handle, under which authenticators keep passkeys.

    Each list has all of the account's IDs of its RP ID, whatever their handles are: one too many deletes nothing.
    """
    own, imported = bytes(handle.handle), _imported(handle)
    ids: dict[str, list[str]] = {}
    for passkey in passkeys:
        ids.setdefault(passkey.rp_id, []).append(passkey.id_base64url)
    # Their last passkey was deleted, and not every browser may have heard of it.
    emptied = [pair for pair, row in imported.items() if row.emptied_at and pair[1] != own]
    if handle.emptied_at is not None and not passkeys:
        emptied.append((current, own))
    known = [(one.rp_id, one.known_handle) for one in passkeys if one.known_handle is not None]
    details = user_details(handle.user)
    for pair in dict.fromkeys([(current, own), *known, *emptied]):
        (rp_id, user_handle), row = pair, imported.get(pair)
        # Of one that is not the account's, somebody must have seen that it is no other account's.
        may_be_anothers = user_handle != own if row is None else row.shared
        if may_be_anothers:
            continue
        call: dict[str, Any] = {
            "rpId": rp_id,
            "userId": to_base64url(user_handle),
            "name": details.name,
            "displayName": details.display_name,
        }
        is_whole = (row is None or row.complete) and not other_passkey_apps()
        if is_whole and (rp_id in ids or pair in emptied):
            call |= {"allAcceptedCredentialIds": ids.get(rp_id, [])}
        yield call


def asks_to_forget(passkey: Passkey) -> bool:
    """Say whether browsers are asked to forget a passkey once it is deleted.

    :param passkey: a stored passkey, with its owner's handle joined.
    """
    handle, user_handle = passkey.account_handle, passkey.known_handle
    if handle is None or user_handle is None or not is_on() or other_passkey_apps():
        return False
    row = _imported(handle).get((passkey.rp_id, user_handle))
    if row is None:
        return user_handle == bytes(handle.handle)
    return row.complete and not row.shared


def _imported(handle: UserHandle) -> dict[tuple[str, bytes], ImportedHandle]:
    if not handle.has_imported_handles:
        return {}
    rows = ImportedHandle.objects.using(router.db_for_write(ImportedHandle))
    return {
        (row.rp_id, bytes(row.handle)): row for row in rows.filter(user_id=handle.pk).order_by("pk")
    }


def report(session: SessionBase, token: object) -> None:
    """Note that the browser has synced; a flag raised meanwhile survives.

    :param session: the session of the browser.
    :param token: the nonce that :func:`payload` gave.
    """
    if FLAG in session and session[FLAG] == token:
        del session[FLAG]
    if FLAG not in session:
        session[SYNCED_AT] = int(time.time())


def may_signal_unknown(request: HttpRequest, relying_party: RelyingParty) -> bool:
    """Say whether the browser may be told to forget a passkey that no account has (S0.14).

    Never where the RP ID is a parent of the host, whatever the setting says: other sites share it, a staging site with
    production say, and one must not erase the passkeys of the other. Nor where another app keeps passkeys, which are
    in no table of this one. Another site at the same host shares the RP ID as well; where there may be one, a site
    says by ``True`` that there is none.

    :param request: the request that brought the passkey.
    :param relying_party: whose passkey it was.
    """
    return (
        conf.OTP_PASSKEYS_SIGNALS in (None, True)
        and relying_party.id == request_host(request)
        and not other_passkey_apps()
        and (conf.OTP_PASSKEYS_SIGNALS is True or not _has_neighbours(request))
    )


def other_passkey_apps() -> list[str]:
    """Return the names of the other installed apps that keep passkeys."""
    return [name for name in OTHER_PASSKEY_APPS if apps.is_installed(name)]


def _has_neighbours(request: HttpRequest) -> bool:
    """Say whether another site may be at this host: this one has its own port, or is under a path."""
    host, port = split_domain_port(request.get_host())
    has_port = port not in {"", "80", "443"} and not is_local(
        host
    )  # a developer's machine has no other
    return has_port or bool(request.META.get("SCRIPT_NAME"))


def _is_old(synced_at: Any) -> bool:
    return not isinstance(synced_at, int) or time.time() - synced_at > MAX_AGE
