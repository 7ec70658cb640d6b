"""Which errors of a database are answered with "try again"; `tests/faults` has them from real servers."""

import pytest
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError

from otp_passkeys.actions.transient_errors import is_transient


class Cause(Exception):
    """What a driver raises: psycopg with an SQLSTATE, PyMySQL with a number first."""

    def __init__(self, *arguments: object, sqlstate: str | None = None) -> None:
        super().__init__(*arguments)
        self.sqlstate = sqlstate


def of_driver(kind: type[Error], *arguments: object, sqlstate: str | None = None) -> Error:
    """Return an error as Django raises it."""
    error = kind(*arguments)
    error.__cause__ = Cause(*arguments, sqlstate=sqlstate)
    return error


@pytest.mark.parametrize(
    "error",
    [
        of_driver(OperationalError, "could not serialize access", sqlstate="40001"),
        of_driver(OperationalError, "deadlock detected", sqlstate="40P01"),
        of_driver(OperationalError, "canceling statement", sqlstate="55P03"),
        of_driver(OperationalError, "terminating connection", sqlstate="57P01"),
        of_driver(OperationalError, "starting up", sqlstate="57P03"),
        of_driver(OperationalError, "connection failure", sqlstate="08006"),
        of_driver(OperationalError, "the connection is closed"),
        of_driver(InterfaceError, "connection already closed"),
        of_driver(OperationalError, "consuming input failed: timed out"),
        *[of_driver(OperationalError, number, "") for number in (1213, 1205, 1020)],
        *[of_driver(OperationalError, number, "") for number in (1927, 2006, 2013, 2055, 1053)],
        of_driver(InterfaceError, 0, ""),
        of_driver(OperationalError, "database is locked"),
        of_driver(OperationalError, "database table is locked"),
    ],
    ids=str,
)
def test_try_again(error: Error) -> None:
    """DESIGN's 409: by the next request the trouble is over."""
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        of_driver(OperationalError, "no such table: otp_passkeys_passkey"),
        of_driver(OperationalError, "connection failed: FATAL: no password", sqlstate="28P01"),
        of_driver(OperationalError, "disk full", sqlstate="53100"),
        of_driver(OperationalError, 1146, "Table doesn't exist"),
        of_driver(IntegrityError, "locked", sqlstate="40001"),
        of_driver(DataError, 1205, ""),
        OperationalError(),
    ],
    ids=repr,
)
def test_the_sites_own_trouble(error: Error) -> None:
    """To try again would help nobody, and hide what is wrong."""
    assert not is_transient(error)
