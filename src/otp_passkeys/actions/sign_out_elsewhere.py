"""Ending every other session of a user.

Django ends a session whose user has another password hash than when it was opened. So the same password is hashed anew,
with a new salt, and a user without one gets a new unusable one: users need not remember a new one, and it works with
every session engine.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django.contrib.auth import HASH_SESSION_KEY, get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import router, transaction

from .. import reauthentication, throttling
from ..exceptions import ReauthenticationFailed, TryAgain
from ..policy import has_stored_password
from .acting import require_acting_user
from .managing import TO_CHANGE_PASSKEYS
from .ways.password import PasswordWay, PasswordWrong

if TYPE_CHECKING:
    from django.http import HttpRequest


def ends_sessions(user: Any) -> bool:
    """Say whether another hash of the password ends the sessions of a user.

    It does not on a user model without a password, nor on one whose own ``get_session_auth_hash()`` binds sessions to
    something else. Then nothing here may say that sessions were ended.

    :param user: who it is.
    """
    if not any(field.attname == "password" for field in user._meta.concrete_fields):
        return False
    other = copy(user)
    other.password = f"another-{user.password}"
    return bool(other.get_session_auth_hash() != user.get_session_auth_hash())


def sign_out_elsewhere(request: HttpRequest, *, password: str = "") -> None:
    """End every session of the signed-in user but this one; also what else hangs on the password's hash.

    That is: remembered accounts, proofs and password reset links of other browsers. Tokens of an API have no session,
    and stay.

    :param request: a request of the user. Its session gets a new key.
    :param password: the user's, if they have a usable one in the database. It does not change.
    :raises NotAuthenticated: if no user is signed in.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises ReauthenticationRequired: if the user must prove first who they are.
    :raises Throttled: if the site's limit says no.
    :raises ReauthenticationFailed: if the password is wrong; every session is as before.
    :raises TryAgain: if the account changed meanwhile, or was signed out elsewhere from another session.
    :raises SessionInterrupted: if this session was ended meanwhile.
    :raises ImproperlyConfigured: if the sessions of this user model do not hang on its password; nothing is changed.
    """
    throttling.require_calm(request, throttling.ANSWER)
    user = require_acting_user(request)
    if not ends_sessions(user):
        raise ImproperlyConfigured("the sessions of this user model do not hang on its password")
    reauthentication.require(request, TO_CHANGE_PASSKEYS)
    has_password = has_stored_password(user)
    if has_password:
        if not password:
            raise ReauthenticationFailed("no password")
        try:
            PasswordWay(user).prove(request, {"password": password})
            _hash_anew(user, password)
        except ReauthenticationFailed:
            throttling.note_refusal(request)
            raise
    else:
        _hash_anew(user, None)
    reauthentication.renew_key(request)
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if has_password:
        reauthentication.mark(request, user, method="password")
    else:
        reauthentication.rebind(request)


def _hash_anew(user: Any, password: str | None) -> None:
    """Store another hash of the same password, or of none.

    :param user: the user of the session, who gets the new hash too.
    :param password: what was given; None for a user who has no usable password.
    :raises ReauthenticationFailed: if it is not the password that the database has now.
    :raises TryAgain: if the user got or lost their password at this moment.
    """
    model = get_user_model()
    using = router.db_for_write(model)
    with transaction.atomic(using=using):
        # A password that is changed meanwhile must not be undone, nor one that is set at that moment.
        # Not by the default manager, as in managing.locked().
        try:
            stored = model._base_manager.using(using).select_for_update().get(pk=user.pk)
        except model.DoesNotExist as error:
            raise TryAgain("the account is gone") from error
        if has_stored_password(stored) != (password is not None):
            raise TryAgain("a password was set or taken away meanwhile")
        # Nothing was given, and another session may just have ended this one in the same way.
        if password is None and stored.password != user.password:
            raise TryAgain("signed out from elsewhere meanwhile")
        # A backend may know another password, a directory's say, than the one whose hash is here.
        if password is not None and not stored.check_password(password):
            raise PasswordWrong("not the password whose hash is stored")
        # Not set_password(), which tells the site's validators of a new password.
        stored.password = make_password(password)
        stored.save(update_fields=["password"])
    user.password = stored.password
