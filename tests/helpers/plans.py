"""Say by which index each table of a statement is read, in the same words on every database."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from otp_passkeys.models import Passkey, SpentChallenge, UserHandle

# Tables whose plans are judged. The sessions of a test are too few for an index to be worth while.
JUDGED = re.compile(r"\b(?:otp_passkeys_\w+|auth_user)\b")
# SQLite promises nothing of how it words a plan, and has no other form. A step in other words is left out, so a test
# that expects it fails, and says nothing of an index that is not there.
_STEP = re.compile(
    r"(?P<how>SEARCH|SCAN) (?P<table>\w+)(?: USING [\w ]*?(?:INDEX \w+|PRIMARY KEY) \((?P<columns>.*)\))?"
)
_COLUMN = re.compile(r"(\w+)[<>=]")
_WHOLE = {"ALL", "index"}  # the table row by row, or all of an index

Plan = frozenset[tuple[str, str]]
"""Tables and the columns of the index that each is read by; `*` is every row."""

PASSKEY, HANDLE, SPENT = (model._meta.db_table for model in (Passkey, UserHandle, SpentChallenge))
_JOINED = {("auth_user", "id"), (HANDLE, "user_id")}
LOOK_UP: Plan = frozenset({(PASSKEY, "credential_key"), *_JOINED})
LIST: Plan = frozenset({(PASSKEY, "user_id")})
ACCOUNT: Plan = LIST | _JOINED  # the handle and the passkeys of one user
SIGN_IN: list[Plan] = [
    frozenset(),  # the challenge is spent: an insert reads no row
    LOOK_UP,
    frozenset({(PASSKEY, "id")}),  # the use is recorded
    frozenset({("auth_user", "id")}),  # the time of the last sign-in
]


@dataclass
class Sent:
    """The statements that were sent and name a judged table, with their values."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def starting(self, verb: str) -> list[tuple[str, Any]]:
        """Return those that begin with a word, such as DELETE."""
        return [(sql, values) for sql, values in self.statements if sql.startswith(verb)]


@contextmanager
def sending(using: str = DEFAULT_DB_ALIAS) -> Iterator[Sent]:
    """Note what is sent to a database."""
    sent = Sent()

    def note(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if JUDGED.search(sql):
            sent.statements.append((sql, params))
        return execute(sql, params, many, context)

    with connections[using].execute_wrapper(note):
        yield sent


def plan(statement: tuple[str, Any], using: str = DEFAULT_DB_ALIAS) -> Plan:
    """Ask the database how it would run a statement; it is not run.

    :param statement: as :func:`sending` noted it.
    :param using: the alias of the database.
    """
    explain, read = _EXPLAIN[connections[using].vendor]
    with connections[using].cursor() as cursor:
        cursor.execute(f"{explain} {statement[0]}", statement[1])
        return frozenset(read(cursor.fetchall(), using))


def analyse(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let the database count its rows, as it does by itself on a site."""
    connection = connections[using]
    tables = filter(JUDGED.fullmatch, connection.introspection.table_names())
    words = {"postgresql": "ANALYZE", "mysql": "ANALYZE TABLE"}.get(connection.vendor)
    if words:  # SQLite's plans rest on the schema alone unless somebody asks for more
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"{words} {connection.ops.quote_name(table)}")
                cursor.fetchall() if cursor.description else None


def _columns(table: str, index: str, using: str) -> str:
    """Return the columns of an index."""
    connection = connections[using]
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)[index]
    return ", ".join(found["columns"])


def _of_sqlite(rows: Any, using: str) -> Iterator[tuple[str, str]]:
    for *_numbers, detail in rows:
        step = _STEP.match(detail)
        if step is None:
            continue  # sorting, or the heading of what follows
        columns = ", ".join(_COLUMN.findall(step["columns"] or ""))
        connection = connections[using]
        if columns == "rowid":
            with connection.cursor() as cursor:
                columns = str(
                    connection.introspection.get_primary_key_column(cursor, step["table"])
                )
        yield step["table"], columns if step["how"] == "SEARCH" else "*"


def _of_postgresql(rows: Any, using: str) -> Iterator[tuple[str, str]]:
    ((plans,),) = rows
    plans = json.loads(plans) if isinstance(plans, str) else plans
    yield from _of_node(plans[0]["Plan"], using)


def _of_node(node: dict[str, Any], using: str) -> Iterator[tuple[str, str]]:
    below = node.get("Plans", [])
    if node["Node Type"] == "Bitmap Heap Scan":
        (bitmap,) = below  # the index that names the rows
        yield from _of_node({**bitmap, "Relation Name": node["Relation Name"]}, using)
        return
    if "Relation Name" in node and node["Node Type"] != "ModifyTable":
        table, index = node["Relation Name"], node.get("Index Name")
        # Without a condition an index is read from end to end.
        yield table, _columns(table, index, using) if index and "Index Cond" in node else "*"
    for child in below:
        yield from _of_node(child, using)


def _of_mariadb(rows: Any, using: str) -> Iterator[tuple[str, str]]:
    ((text,),) = rows
    yield from _of_block(json.loads(text), using)


def _of_block(block: Any, using: str) -> Iterator[tuple[str, str]]:
    if isinstance(block, list):
        for part in block:
            yield from _of_block(part, using)
    elif isinstance(block, dict):
        if "access_type" in block:
            table, index = block["table_name"], block.get("key")
            whole = block["access_type"] in _WHOLE or index is None
            yield table, "*" if whole else _columns(table, str(index), using)
        for part in block.values():
            yield from _of_block(part, using)


_EXPLAIN: dict[str, tuple[str, Callable[[Any, str], Iterator[tuple[str, str]]]]] = {
    "sqlite": ("EXPLAIN QUERY PLAN", _of_sqlite),
    "postgresql": ("EXPLAIN (FORMAT JSON)", _of_postgresql),
    "mysql": ("EXPLAIN FORMAT=JSON", _of_mariadb),
}
