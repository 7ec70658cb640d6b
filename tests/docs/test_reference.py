"""The reference names every argument, field, default and detail that the code has."""

import ast
import enum
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

import otp_passkeys
from otp_passkeys import exceptions, signals
from otp_passkeys.actions.ways import Way
from otp_passkeys.conf import Settings
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.templatetags import otp_passkeys as tags

from ..helpers.docs import DOCS, all_errors

SOURCE = Path(otp_passkeys.__file__).parent
PAGES = {path.stem: path.read_text() for path in (DOCS / "reference").glob("*.rst")}
PUBLIC = re.compile(
    r"^\.\. (?:py:)?(module|currentmodule|auto\w+|class|function|data):: (.+(?:\n {6,}\S+)*)", re.M
)
DIRECTIVE = re.compile(r"^ *\.\. (module|currentmodule|auto\w+):: (\S+)", re.M)
# Nobody who calls them names these.
NOT_GIVEN = {"self", "cls", "args", "kwargs", "values", "context"}
SENT_BY_ANNOUNCE = {"request", "user", "passkey"}


def found(module: str, name: str) -> Any:
    """Return what a directive documents."""
    prefix, _, last = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except AttributeError:
        return getattr(importlib.import_module(prefix), last)


def documented() -> Iterator[tuple[str, Any]]:
    """Return the functions and classes whose text and arguments the pages take from the code."""
    for page in ("python", "testing"):
        module = ""
        for kind, name in DIRECTIVE.findall(PAGES[page]):
            if kind in ("module", "currentmodule"):
                module = name
            elif kind in ("autofunction", "autoclass"):
                yield name, found(module, name.removesuffix("()"))


def public() -> dict[str, set[str]]:
    """Return the names that the reference documents, by their modules."""
    names: dict[str, set[str]] = {}
    for page in ("python", "signals", "testing"):
        module = ""
        for kind, listed in PUBLIC.findall(PAGES[page]):
            if kind in ("module", "currentmodule"):
                module = listed
                continue
            for one in listed.split():
                dotted, _, name = one.partition("(")[0].rpartition(".")
                names.setdefault(dotted or module, set()).add(name)
    errors = names["otp_passkeys.exceptions"]  # the page tells of the others in one sentence
    errors |= {one.__name__ for one in all_errors() if one.__module__ == exceptions.__name__}
    return names


def imported() -> dict[str, set[str]]:
    """Return the names that the pages and their files import from the app, by their modules."""
    names: dict[str, set[str]] = {}
    for path in [*DOCS.rglob("*.rst"), *(DOCS / "how-to").glob("*.py"), DOCS.parent / "README.rst"]:
        found = re.findall(r"^ *from (otp_passkeys[\w.]*) import (.+)$", path.read_text(), re.M)
        for module, listed in found:
            names.setdefault(module, set()).update(listed.split(", "))
    del names["otp_passkeys.templatetags"]  # the library as a module, which Jinja2 takes
    return names


def test_public() -> None:
    """What the reference documents, ``__all__`` lists, and nothing else; what a page imports is among it."""
    for module, names in public().items():
        assert set(importlib.import_module(module).__all__) == names, module
    for module, names in imported().items():
        assert names <= set(importlib.import_module(module).__all__), module


def parameters(thing: Any) -> set[str]:
    """Return the names of the arguments; an enumeration's are Python's, and differ between its versions."""
    if isinstance(thing, enum.EnumMeta):
        return set()
    return set(inspect.signature(thing).parameters) - NOT_GIVEN


@pytest.mark.parametrize(("name", "thing"), [pytest.param(*one, id=one[0]) for one in documented()])
def test_arguments(name: str, thing: Any) -> None:
    """Each argument is explained: by a field list, in the text, or below the field of a class."""
    text = inspect.getdoc(thing) or ""
    source = inspect.getsource(thing)
    if name == "Authenticator":
        # It takes the fields of Behaviour, and says so.
        assert "fields of `Behaviour`" in text
        return
    for one in parameters(thing):
        below = rf"^    {one}: .*\n(?:    \w+: .*\n)*    \"\"\""
        assert f":param {one}:" in text or f"``{one}``" in text or re.search(below, source, re.M), (
            one
        )


def test_columns() -> None:
    """Each column of a passkey is named where the class is, and no other is."""
    text = PAGES["python"].split(".. autoclass:: Passkey\n")[1].split("Only ``nickname``")[0]
    named = re.findall(r"``(\w+)``", text.replace("(``None``:", ""))
    # The key is derived, and the number of the row is Django's.
    columns = {field.name for field in Passkey._meta.concrete_fields} - {"id", "credential_key"}
    assert sorted(named) == sorted(columns)


def test_way() -> None:
    """The class that sites write for themselves stands there whole."""
    start = PAGES["python"].index(".. class:: Way(")
    section = PAGES["python"][start:].split("\n\nThe relying party")[0]
    written = {
        name: [one.partition("=")[0].strip() for one in arguments.split(",")]
        for name, arguments in re.findall(r"(?:class|method|classmethod):: (\w+)\((.*)\)", section)
    }
    members = {name: value for name, value in vars(Way).items() if not name.startswith("_")}
    methods = {name: getattr(Way, name) for name in members if callable(getattr(Way, name))}
    expected = {name: list(parameters_in_order(one)) for name, one in methods.items()}
    assert written == {"Way": ["user"], **expected}
    attributes = set(re.findall(r"attribute:: (\w+)", section))
    assert attributes == set(members) - set(methods)


def parameters_in_order(thing: Any) -> list[str]:
    """Return the names of the arguments as they are written."""
    return [one for one in inspect.signature(thing).parameters if one not in NOT_GIVEN]


@pytest.mark.parametrize("name", [*tags.register.tags, *tags.register.filters])
def test_tags(name: str) -> None:
    """Each argument of a template tag is in its example or its text."""
    function = {**tags.register.tags, **tags.register.filters}[name]
    wanted = parameters(inspect.unwrap(function))
    page = PAGES["tags"]
    if name in tags.register.filters:
        assert re.search(rf"``{{{{ [\w.]+\|{name} }}}}``", page)
        return
    section = page[page.index(f".. template-tag:: {name}\n") :].split("\n.. ")[0]
    examples = " ".join(re.findall(rf"{{% {name}(.*?)%}}", section))
    assert all(re.search(rf"\b{one}\b", examples) for one in wanted - {"names"}), wanted
    assert ("names" in wanted) == ('"' in examples.partition("=")[0])


def sent() -> dict[str, set[str]]:
    """Return the arguments with which the package sends each signal."""
    arguments: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for call in (
            one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call)
        ):
            names = {one.arg for one in call.keywords if one.arg}
            function, first = ast.unparse(call.func), call.args[:1]
            if function == "announce":
                arguments.setdefault(ast.unparse(first[0]), set()).update(names)
                assert names >= SENT_BY_ANNOUNCE
            elif function.endswith(".send_robust") and function != "signal.send_robust":
                arguments.setdefault(function.partition(".")[0], set()).update(names - {"sender"})
    return {name: names for name, names in arguments.items() if name in vars(signals)}


def test_signals() -> None:
    """Each argument of a signal is named where the signal is, and so on the page; no other is."""
    assert "``sender``" in PAGES["signals"]
    source = (SOURCE / "signals.py").read_text()
    texts = dict(re.findall(r"^(\w+) = Signal\(\)\n\"\"\"(.*?)\"\"\"", source, re.M | re.S))
    assert set(texts) == set(sent())
    for name, arguments in sent().items():
        named = set(re.findall(r"``(\w+)``", texts[name].partition("Arguments:")[2])) - {"sender"}
        assert named == arguments, name


def test_events() -> None:
    """Each member of an event's detail is named in the event's row; no other is."""
    told: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.js"):
        script = path.read_text()
        calls = re.findall(r'\btell\("([a-z]+)"(?:, \{ ?(.*?) ?\})?', script)
        calls += re.findall(r'CustomEvent\("otp-passkeys:([a-z]+)".*?detail: \{ ?(.*?) ?\}', script)
        for name, members in calls:
            keys = [one.partition(":")[0].strip() for one in members.split(",")]
            told.setdefault(name, set()).update(filter(None, keys))
    rows = re.findall(r"\* - ``otp-passkeys:(\w+)``\n     - .*\n     - (.*)\n", PAGES["events"])
    named = {name: set(re.findall(r"``(\w+)``(?=:|, as above)", text)) for name, text in rows}
    assert {name: named[name] for name in told} == told
    assert all(not members for name, members in named.items() if name not in told)


@pytest.mark.parametrize("name", [one for one in vars(Settings) if one.startswith("OTP_")])
def test_defaults(name: str) -> None:
    """The default of a setting is the one that the page says."""
    section = PAGES["settings"].split(f".. setting:: {name}\n")[1].split(".. setting::")[0]
    said = re.search(r"Default: (.*?)[.:;,]?(?: |\n|$)", section).group(1).strip("`").strip('"')
    with override_settings():
        value = getattr(Settings(), name)
    if isinstance(value, Policy):  # an instance of the class that the setting names
        value = f"{Policy.__module__}.{Policy.__qualname__}"
    if isinstance(value, bool | int | str):
        assert said == str(value)
    elif value is None:
        # What it is then is told in words: "none", or where it is taken from.
        assert not re.match(r"True|False|\d", said)
    else:
        assert re.findall(r'^       "(.+)",$', section, re.M) == list(value)
