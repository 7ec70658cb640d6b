"""The user of an account, and what browsers show of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import router
from django.utils.translation import pgettext

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class UserDetails(NamedTuple):
    """What browsers show of an account (WebAuthn L3 §5.4.3).

    :param name: tells accounts of one person apart.
    :param display_name: the person's name.
    """

    name: str
    display_name: str


def user_details(user: AbstractBaseUser) -> UserDetails:
    """Return name and display name as registration and sync send them.

    :param user: a user of any user model.
    """
    email = str(getattr(user, user.get_email_field_name(), "") or "")
    # A name must not be empty, or no authenticator takes the registration.
    # Translators: What browsers show as the name of an account that has none.
    name = str(user.get_username() or "") or email or pgettext("passkeys", "Account")
    full_name = getattr(user, "get_full_name", None)
    return UserDetails(name=name, display_name=(full_name() if full_name else "") or name)


def as_written(user: Any) -> Any:
    """Return a user as they are in the database that writes go to: what was read from a replica may be old.

    :param user: a stored user; the same is returned if that is where they come from.
    :raises ObjectDoesNotExist: if they are not there.
    """
    return user if user._state.db == router.db_for_write(get_user_model()) else read_anew(user)


def read_anew(user: Any) -> Any:
    """Return a user as they are now: what a request holds may have been read a while ago, or kept in a cache.

    :param user: a stored user.
    :raises ObjectDoesNotExist: if they are not there.
    """
    model = get_user_model()
    # Not by the default manager, which may leave users out.
    return model._base_manager.using(router.db_for_write(model)).get(pk=user.pk)


def note_owner(row: Any, owner: Any) -> None:
    """Set the user of a row that is known to be theirs.

    An assignment does the same and checks it, which costs more than the row if the user is a request's.

    :param row: what has a foreign key ``user``, and in ``user_id`` the primary key of the owner.
    :param owner: that user.
    """
    field = row._meta.get_field("user")
    field.set_cached_value(row, owner)
    if not field.remote_field.multiple:
        field.remote_field.set_cached_value(owner, row)
