"""The translations: complete in every language, with the same placeholders and comments, and compiled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.template import Engine
from django.template.base import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.test import Client
from django.utils import translation
from django.utils.translation import trim_whitespace
from django.utils.translation.template import templatize

import otp_passkeys
from otp_passkeys.forms import clean_nickname

PACKAGE = Path(otp_passkeys.__file__).parent
LANGUAGES = ["ar", "de", "es", "fr", "ja", "nl", "pt_BR", "zh_Hans"]
FUNCTIONS = {"_", "gettext", "pgettext", "pgettext_lazy"}
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|</?\w+>")
COMMENT = re.compile(r"(Translators: .+?)(?: #\}|$)", re.MULTILINE)

# The literals of a script; a comment is matched so that its apostrophes open none.
LITERAL = re.compile(r"""//[^\n]*|"([^"\n]*)"|'([^'\n]*)'|`([^`]*)`""")
KEY = re.compile(r'data-message="([^"]+)"')
# Names of the platform, which nobody reads.
NAMES = {"AbortError", "Content-Type", "Escape", "POST", "TypeError", "X-CSRFToken"}


class Message(NamedTuple):
    """A message as gettext knows it."""

    context: str | None
    text: str


def in_python(path: Path) -> Iterator[tuple[int, Message]]:
    """Find the messages of a module, each with the line where its text begins."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FUNCTIONS:
            *context, text = [ast.literal_eval(argument) for argument in node.args]
            yield node.args[-1].lineno, Message(context[0] if context else None, text)


def in_template(path: Path) -> Iterator[Message]:
    """Find the messages of a template, as Django looks them up."""
    template = Template(path.read_text("utf-8"), engine=Engine.get_default())
    node: Any  # the stubs of Django know no more
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        context = node.message_context and str(node.message_context.var)
        yield Message(context, str(node.filter_expression.var.literal))
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        assert node.message_context is None
        text, _ = node.render_token_list(node.singular)
        yield Message(None, trim_whitespace(text) if node.trimmed else text)


def modules() -> list[Path]:
    """Return the modules that speak to users."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "testing" not in path.parts)


def templates() -> list[Path]:
    """Return the templates of pages and mails."""
    return sorted(path for path in (PACKAGE / "templates").rglob("*") if path.is_file())


def messages() -> set[Message]:
    """Return every message of the package."""
    found = {message for path in modules() for _, message in in_python(path)}
    for path in templates():
        found |= set(in_template(path))
    return found


def compiled(language: str) -> dict[Message, str]:
    """Read the compiled catalogue of a language, which is what sites use."""
    found = {}
    with (PACKAGE / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        for one in read_mo(file):
            context: Any = one.context  # in bytes, whatever its type says
            found[Message(context and context.decode(), str(one.id))] = str(one.string)
    del found[Message(None, "")]
    return found


def catalogue(language: str) -> dict[str, str]:
    """Return what is said in a language, by the English."""
    return {message.text: text for message, text in compiled(language).items()}


def entries(language: str) -> Catalog:
    """Read the catalogue that translators edit."""
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def test_languages() -> None:
    """The languages are those that are tested here."""
    assert sorted(path.name for path in (PACKAGE / "locale").iterdir()) == LANGUAGES


def test_messages_are_found() -> None:
    """The search above finds what stands in modules, in templates and in blocks with variables."""
    found = {message.text for message in messages()}
    assert Message("passkeys", "Name") in messages()
    assert "Sign in first." in found
    assert "Add a passkey" in found
    assert "Rename %(name)s" in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_complete(language: str) -> None:
    """No message is missing, and none is left from an earlier version."""
    translated = {message for message, text in compiled(language).items() if text}
    assert messages() - translated == set()
    assert translated - messages() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders(language: str) -> None:
    """Each translation has the placeholders and elements of its message, or a page would break."""
    for message, text in catalogue(language).items():
        assert sorted(PLACEHOLDERS.findall(text)) == sorted(PLACEHOLDERS.findall(message)), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled(language: str) -> None:
    """What is compiled is what translators edit, and nothing in it awaits a review."""
    source = entries(language)
    assert not [one.id for one in source if one.fuzzy and one.id]
    edited = {Message(one.context, str(one.id)): str(one.string) for one in source if one.id}
    assert edited == compiled(language)


def test_single_words_have_a_context() -> None:
    """Django merges the catalogues of all apps and the first wins: "Go" was a button of the admin, and said so."""
    words = {message for message in messages() if " " not in message.text}
    # Names of fields and models are for the admin alone, and the last is nobody else's.
    words = {word for word in words if not word.text.islower() or word.text == "or"}
    assert {word.text for word in words if word.context != "passkeys"} == {"AAGUID", "Passkeys"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_comments_in_modules(path: Path) -> None:
    """A comment for translators stands on the line above its message, or xgettext drops it."""
    starts = {line for line, _ in in_python(path)}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        assert "# Translators: " not in line or number + 1 in starts, line


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_comments_in_templates(path: Path) -> None:
    """The same in templates: the last thing on the line above, or Django drops it with a warning."""
    source = path.read_text("utf-8")
    lines = templatize(source).splitlines()
    told = [number for number, line in enumerate(lines) if "# Translators: " in line]
    assert len(told) == len(COMMENT.findall(source))
    for number in told:
        assert "gettext(" in lines[number + 1], lines[number]


@pytest.mark.parametrize("language", LANGUAGES)
def test_comments_are_in_catalogues(language: str) -> None:
    """Translators read what the sources tell them, and for each placeholder what it stands for."""
    sources = [path.read_text("utf-8") for path in (*modules(), *templates())]
    told = {str(one.id): one.auto_comments for one in entries(language) if one.id}
    written = {comment for source in sources for comment in COMMENT.findall(source)}
    assert {comment for comments in told.values() for comment in comments} == written
    assert not [one for one in told if re.search(r"%\(|\{\w", one) and not told[one]]


def test_names_are_isolated() -> None:
    """A Latin name keeps its order in Arabic where it stands in quotes, and so in no bdi element."""
    for text in catalogue("ar").values():
        assert "«%" not in text
        assert text.count("\u2068") == text.count("\u2069")


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_in_names(language: str) -> None:
    """What a control is called aloud holds what is written on it (WCAG 2.5.3), or speech input does not find it."""
    said = catalogue(language)
    for label, name in (
        ("Remove", "Remove %(name)s from this device"),
        ("Rename", "Rename %(name)s"),
        ("Delete", "Delete %(name)s"),
    ):
        assert said[label].casefold() in said[name].casefold()


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbered_name(language: str) -> None:
    """The script puts the numbered name into a field: it has nothing in it that a nickname may not have."""
    name = catalogue(language)["%(name)s %(number)d"] % {"name": "YubiKey", "number": 2}
    assert clean_nickname(name) == name


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "code", "direction"),
    [
        ("ar", "ar", "rtl"),
        ("de", "de", "ltr"),
        ("es", "es", "ltr"),
        ("fr", "fr", "ltr"),
        ("ja", "ja", "ltr"),
        ("nl", "nl", "ltr"),
        ("pt_BR", "pt-br", "ltr"),
        ("zh_Hans", "zh-hans", "ltr"),
    ],
)
def test_page(client: Client, settings: Any, language: str, code: str, direction: str) -> None:
    """A page speaks the site's language, and runs the way it is read."""
    settings.LANGUAGE_CODE = code
    page = client.get("/passkeys/sign-in/").content.decode()
    assert f'lang="{code}" dir="{direction}"' in page
    assert catalogue(language)["Sign in with a passkey"] in page


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "static").rglob("*.js")), ids=lambda path: path.name
)
def test_scripts_have_no_text(path: Path) -> None:
    """What a script says comes from the page, so it holds no two words in a row and no capitalised one but names."""
    keys = {key for one in templates() for key in KEY.findall(one.read_text("utf-8"))}
    for match in LITERAL.finditer(path.read_text("utf-8")):
        text = match[1] or match[2] or match[3] or ""
        assert not re.search(r"[^\W\d]{2,}[.,!?]? [^\W\d]{2,}\b(?!-)", text), text
        assert not text[:1].isupper() or text in keys | NAMES, text


def test_own_words() -> None:
    """The admin stands before the app where the README is followed, and its "Remove" is a "Delete" in Chinese."""
    with translation.override("zh-hans"):
        assert translation.gettext("Remove") != translation.pgettext("passkeys", "Remove")
