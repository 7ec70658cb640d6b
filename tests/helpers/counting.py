"""Count what a request costs the database."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.db import DEFAULT_DB_ALIAS, connections

# What begins and ends transactions is counted as commits, not as statements.
_TRANSACTION = re.compile(r"\s*(BEGIN|SAVEPOINT|RELEASE|COMMIT|ROLLBACK)\b", re.IGNORECASE)
_READ = re.compile(r"\s*(SELECT|PRAGMA|EXPLAIN|SHOW)\b", re.IGNORECASE)


@dataclass
class Count:
    """What was seen so far."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def __str__(self) -> str:
        """List the statements, for the message of a test that fails."""
        listed = [f"{number}. {sql}" for number, sql in enumerate(self.statements, start=1)]
        head = f"{len(self.statements)} statements, {self.commits} commits"
        return "\n".join([head, *listed])


@contextmanager
def counting(
    *, statements: int | None = None, commits: int | None = None, using: str = DEFAULT_DB_ALIAS
) -> Iterator[Count]:
    """Count statements and commits of this thread's connection, and fail when a budget is exceeded.

    A commit is a COMMIT sent, even of a transaction that only read, or a write outside a
    transaction. Only a test with ``transaction=True`` sees them: any other runs within one
    transaction that is never committed.

    :param statements: how many may run, beside those that begin and end transactions; None for any.
    :param commits: how many there may be; None for any.
    :param using: the alias of the database.
    :raises AssertionError: if there were more, with all statements in its text.
    :raises RuntimeError: if commits are limited where none can be seen.
    """
    __tracebackhide__ = True  # the statements are what the reader of a failure needs
    connection = connections[using]
    if commits is not None and connection.in_atomic_block:
        raise RuntimeError("Commits are seen with @pytest.mark.django_db(transaction=True) only.")
    connection.ensure_connection()  # what connecting costs is not the request's
    count = Count()
    # What sends COMMIT, and no more. It is Django's own; but `execute_wrapper` sees no COMMIT of the driver's, and
    # `on_commit` none that nobody asked for. Once Django commits by other means, `tests/costs/test_counting.py` fails.
    commit = connection._commit  # type: ignore[attr-defined]

    def note_commit() -> None:
        commit()
        count.commits += 1

    def note_statement(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not _TRANSACTION.match(sql):
            count.statements.append(sql)
            if connection.get_autocommit() and not _READ.match(sql):
                count.commits += 1
        return execute(sql, params, many, context)

    with (
        patch.object(connection, "_commit", note_commit),
        connection.execute_wrapper(note_statement),
    ):
        yield count
    if statements is not None and len(count.statements) > statements:
        raise AssertionError(f"At most {statements} statements were expected, not {count}")
    if commits is not None and count.commits > commits:
        raise AssertionError(f"At most {commits} commits were expected, not {count}")
