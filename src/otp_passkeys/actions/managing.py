"""Renaming and deleting a passkey. Another user's is treated as one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import router, transaction

from .. import reauthentication, safeguards, sync
from ..exceptions import InvalidNickname, PasskeyNotFound
from ..impersonation import require_owner
from ..models import Passkey
from ..nicknames import clean_nickname
from ..signals import passkey_deleted, passkey_renamed
from .announcing import announce

if TYPE_CHECKING:
    from django.http import HttpRequest

# A password alone, of a user who has a second factor, must neither add a passkey nor remove one.
TO_CHANGE_PASSKEYS = reauthentication.Need(second_factor=True)


def owned(user: Any, pk: int) -> Passkey:
    """Return a passkey of a user, with the name that its owner reads.

    :param user: the owner.
    :param pk: the number of the passkey.
    :raises PasskeyNotFound: if the user has no such passkey.
    """
    return _with_pk(Passkey.objects.for_user(user), pk)


def locked(user: Any) -> Any:
    """Return a user as they are stored, with their row locked until the end of the transaction.

    Two deletions at once wait for each other here, or both would count the other's passkey.

    :param user: the owner of passkeys.
    :raises PasskeyNotFound: if there is no such user any more.
    """
    # Not by the default manager: PostgreSQL locks no rows that a site joins or counts something to.
    users = get_user_model()._base_manager.using(router.db_for_write(Passkey))
    try:
        return users.select_for_update().get(pk=user.pk)
    except ObjectDoesNotExist as error:
        raise PasskeyNotFound("its user has just gone") from error


@contextmanager
def locking(user: Any, pk: int) -> Iterator[tuple[Any, Passkey]]:
    """Open the transaction in which a passkey may cease to be a way in, and lock its owner's row.

    The owner as they are stored, and the passkey, are read in it.

    :param user: the owner.
    :param pk: the number of the passkey.
    :raises PasskeyNotFound: if the user has no such passkey.
    """
    with transaction.atomic(using=router.db_for_write(Passkey)):
        owner = locked(user)
        yield owner, owned(user, pk)


def _with_pk(passkeys: Iterable[Passkey], pk: int) -> Passkey:
    for passkey in passkeys:
        if passkey.pk == pk:
            return passkey
    raise PasskeyNotFound("not this user's, or not there")


def rename(*, user: Any, pk: int, nickname: str, request: HttpRequest | None = None) -> Passkey:
    """Give a user's passkey a nickname; an empty one brings the provider's name back.

    :param user: the owner.
    :param pk: the number of the passkey.
    :param nickname: at most 64 characters.
    :param request: the request of the owner, passed on to ``passkey_renamed``; None for a command.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises InvalidNickname: if the nickname is not allowed.
    :raises PasskeyNotFound: if the user has no such passkey.
    """
    if request is not None:
        require_owner(request)
    try:
        nickname = clean_nickname(nickname)
    except ValidationError as error:
        raise InvalidNickname("nickname not allowed", message=error.messages[0]) from error
    passkeys = Passkey.objects.for_user(user)
    passkey = _with_pk(passkeys, pk)
    passkey.give_nickname(nickname, passkeys)
    written = {"nickname": passkey.nickname, "number": passkey.number}
    if not Passkey.objects.filter(user_id=user.pk, pk=pk).update(**written):
        raise PasskeyNotFound("it has just gone")
    announce(passkey_renamed, request=request, user=user, passkey=passkey)
    return passkey


def delete(*, user: Any, pk: int, request: HttpRequest | None = None) -> Passkey:
    """Delete a user's passkey, and return it as it was; the browser is asked to remove it at the next sync.

    :param user: the owner.
    :param pk: the number of the passkey.
    :param request: the request of the owner, whose browser is to sync; None for a command, which asks no user.
    :raises PasskeyNotFound: if the user has no such passkey.
    :raises Impersonated: if somebody else looks at the site as the user.
    :raises ReauthenticationRequired: if the owner must prove first who they are.
    :raises LastWayIn: if the user could not sign in any more.
    """
    if request is not None:
        require_owner(request)
        reauthentication.require(request, TO_CHANGE_PASSKEYS)
    with locking(user, pk) as (owner, passkey):
        safeguards.require_another_way_in(owner, passkey, request)
        passkey.delete()
        announce(passkey_deleted, request=request, user=user, passkey=passkey)
    if request is not None:
        sync.request_user_details_sync(request)
    return passkey
