"""How many mails about its passkeys an account gets: five within ten minutes (P16).

Somebody with a session can add and delete passkeys as fast as they like. Without a limit they could fill the mailbox,
and bury the mail that matters. The times of the last mails stand in the database, in the row of the user's handle, so
that all processes count the same mails.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.db import OperationalError, router

from ..models import UserHandle

if TYPE_CHECKING:
    from ..models import Passkey

MOST = 5
"""How many mails an account gets within :data:`WINDOW`."""

WINDOW = 600  # seconds


def count_mail(passkey: Passkey) -> int:
    """Count a mail about a passkey, if its owner may get one more.

    The times are written only if they are still those that were read. So of many requests at once at most five
    send a mail, and the others read again what is there by then.

    :param passkey: what the mail is about. A registration has read the handle already; a deletion pays for one more
        statement.
    :return: which one it is of the mails within ten minutes, 1 to :data:`MOST`; 0 if no more may be sent.
    :raises django.db.Error: if the database cannot count it.
    """
    handle = passkey.account_handle
    # Whenever the times have changed meanwhile another mail was counted, so the last try finds five of them.
    for tries_left in reversed(range(MOST + 1)):
        # Rows that were imported may have no handle; the user's next registration would make it.
        handle = handle or UserHandle.of(passkey.user)
        times = _recent(handle.mailed_at)
        if len(times) >= MOST:
            return 0
        try:
            if _note(handle, [*times, int(time.time())]):
                return len(times) + 1
        except OperationalError:  # how a database whose transactions are serializable says the same
            if not tries_left:
                raise
        handle = None
    return 0


def _note(handle: UserHandle, times: list[int]) -> bool:
    """Write new times in place of those that were read, and say whether they were still there."""
    rows = UserHandle.objects.using(router.db_for_write(UserHandle)).filter(pk=handle.pk)
    written = " ".join(map(str, times))
    if not rows.filter(mailed_at=handle.mailed_at).update(mailed_at=written):
        return False
    handle.mailed_at = written
    return True


def _recent(mailed_at: str) -> list[int]:
    """Return the times within the window, on either side of now: a clock may have been wrong."""
    now = time.time()
    return [noted for noted in map(int, mailed_at.split()) if abs(now - noted) < WINDOW]
