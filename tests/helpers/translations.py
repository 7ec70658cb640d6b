"""The messages of the package, as its sources have them and as its catalogues say them."""

import ast
import gettext
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.template import Engine
from django.template.base import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import trim_whitespace

import otp_passkeys

PACKAGE = Path(otp_passkeys.__file__).parent
# By the names of their folders.
LANGUAGES = sorted(path.name for path in (PACKAGE / "locale").iterdir())
FUNCTIONS = {"_", "gettext", "pgettext", "pgettext_lazy"}


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
    """Find the messages of a template, as Django looks them up.

    The nodes are Django's own business. But it offers no other way to the exact text that a block looks up, and a
    template read without Django would be a second opinion of what that is.
    """
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


@cache
def messages() -> frozenset[Message]:
    """Return every message of the package."""
    found = {message for path in modules() for _, message in in_python(path)}
    for path in templates():
        found |= set(in_template(path))
    return frozenset(found)


def catalogue_file(language: str, suffix: str) -> Path:
    """Return where a catalogue is: `po` is what translators edit, `mo` what sites use."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / f"django.{suffix}"


class Untranslated(gettext.NullTranslations):
    """What answers for a message that a catalogue does not have: with nothing, where gettext repeats the English."""

    def gettext(self, message: str) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""


@cache
def compiled(language: str) -> gettext.GNUTranslations:
    """Read the compiled catalogue with gettext, as sites do; Babel has changed what it says of a context."""
    with catalogue_file(language, "mo").open("rb") as file:
        found = gettext.GNUTranslations(file)
    found.add_fallback(Untranslated())
    return found


def said(language: str, message: Message) -> str:
    """Return what a site says in a language, or nothing where it would say it in English."""
    if message.context is None:
        return compiled(language).gettext(message.text)
    return compiled(language).pgettext(message.context, message.text)


def catalogue(language: str) -> dict[str, str]:
    """Return what is said in a language, by the English."""
    return {message.text: said(language, message) for message in messages()}


def entries(language: str) -> Catalog:
    """Read the catalogue that translators edit."""
    with catalogue_file(language, "po").open("rb") as file:
        return read_po(file, locale=language)
