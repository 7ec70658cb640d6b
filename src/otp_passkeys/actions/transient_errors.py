"""Which errors of a database are over when the same request comes again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, InterfaceError, OperationalError, close_old_connections

from ..exceptions import TryAgain

logger = logging.getLogger("otp_passkeys")

# Serialization failure, deadlock and lock timeout; a server that ends the connection, stops or starts.
_SQLSTATES = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}
_CONNECTION_LOST = "08"  # a class of SQLSTATEs
# MariaDB's deadlock, lock wait timeout and "record has changed"; a connection that was killed or lost, a server that
# stops; and PyMySQL's number for a connection that it has closed itself.
_ERRNOS = {1213, 1205, 1020, 1927, 2006, 2013, 2055, 1053, 0}
# SQLite has texts only; so has psycopg where the server could not say anything any more.
_TEXTS = ("locked", "closed", "consuming input failed")


@contextmanager
def refusing_transient_errors() -> Iterator[None]:
    """Turn a transient error of the database into a refusal.

    :raises TryAgain: in its place.
    """
    try:
        yield
    except Error as error:
        if not is_transient(error):
            raise
        logger.warning("The database asked for a retry: %s", type(error.__cause__).__name__)
        close_old_connections()  # what is still to be done for this request gets one that works
        raise TryAgain("the database asked for a retry") from error


def is_transient(error: Error) -> bool:
    """Say whether an error of the database is likely to be over when the request is repeated.

    Deadlocks and their kin are, and lost connections: whatever was not committed is gone then, and the next request
    has a new connection.

    :param error: as Django raises it.
    """
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    cause = error.__cause__
    errno = cause.args[0] if cause is not None and cause.args else None
    state = getattr(cause, "sqlstate", None) or ""
    return (
        state in _SQLSTATES
        or state.startswith(_CONNECTION_LOST)
        or errno in _ERRNOS
        or any(text in str(errno) for text in _TEXTS)
    )
