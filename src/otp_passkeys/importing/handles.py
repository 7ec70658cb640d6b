"""User handles that two packages make from the username, which may have changed since."""

from __future__ import annotations

import base64
from typing import Any

from ..models import HANDLE_LENGTH
from .records import Unreadable


def from_names(user: Any, *names: str) -> tuple[bytes, ...]:
    """Return the handles that a passkey of a user may have, the likeliest first.

    A name may have been an e-mail address, and may have been written in another case.

    :param user: the user.
    :param names: other names that are known, apart from those that the user has now.
    :raises Unreadable: if each is longer than a handle may be.
    """
    email = str(getattr(user, user.get_email_field_name(), "") or "")
    known = [name for name in (*names, str(user.get_username()), email) if name]
    spellings = dict.fromkeys([*known, *(name.lower() for name in known)])
    found = [base64.urlsafe_b64encode(name.encode()) for name in spellings]
    handles = tuple(handle for handle in found if len(handle) <= HANDLE_LENGTH)
    if not handles:
        raise Unreadable("the user handle is not known")
    return handles
