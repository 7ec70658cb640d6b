"""The translations: complete in every language, with the same placeholders, and compiled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.template import Engine
from django.template.base import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.test import Client
from django.utils.translation import trim_whitespace

import otp_passkeys

PACKAGE = Path(otp_passkeys.__file__).parent
LANGUAGES = ["de", "fr", "ja", "pt_BR"]
FUNCTIONS = {"_", "gettext", "gettext_lazy"}
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|</?\w+>")


def in_python(path: Path) -> Iterator[str]:
    """Find the messages of a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FUNCTIONS:
            (argument,) = node.args
            assert isinstance(argument, ast.Constant), f"{path}: {ast.unparse(node)}"
            yield str(argument.value)


def in_template(path: Path) -> Iterator[str]:
    """Find the messages of a template, as Django looks them up."""
    template = Template(path.read_text("utf-8"), engine=Engine.get_default())
    node: Any  # the stubs of Django know no more
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        yield str(node.filter_expression.var.literal)
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        text, _ = node.render_token_list(node.singular)
        yield trim_whitespace(text) if node.trimmed else text


def messages() -> set[str]:
    """Return every message of the package."""
    found = {
        message
        for path in PACKAGE.rglob("*.py")
        if "testing" not in path.parts
        for message in in_python(path)
    }
    for ending in ("html", "txt"):
        for path in (PACKAGE / "templates").rglob(f"*.{ending}"):
            found |= set(in_template(path))
    return found


def catalogue(language: str) -> dict[str, str]:
    """Read the compiled catalogue of a language, which is what sites use."""
    with (PACKAGE / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return {str(one.id): str(one.string) for one in read_mo(file) if one.id}


def test_languages() -> None:
    """The languages are those that are tested here."""
    assert sorted(path.name for path in (PACKAGE / "locale").iterdir()) == LANGUAGES


def test_messages_are_found() -> None:
    """The search above finds what stands in modules, in templates and in blocks with variables."""
    found = messages()
    assert "Sign in first." in found
    assert "Add a passkey" in found
    assert "Rename %(name)s" in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_complete(language: str) -> None:
    """No message is missing, and none is left from an earlier version."""
    translated = {message for message, text in catalogue(language).items() if text}
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
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file:
        source = read_po(file, locale=language)
    assert not [one.id for one in source if one.fuzzy and one.id]
    assert {str(one.id): str(one.string) for one in source if one.id} == catalogue(language)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "code", "direction"),
    [("de", "de", "ltr"), ("ja", "ja", "ltr"), ("pt_BR", "pt-br", "ltr")],
)
def test_page(client: Client, settings: Any, language: str, code: str, direction: str) -> None:
    """A page speaks the site's language, and runs the way it is read."""
    settings.LANGUAGE_CODE = code
    page = client.get("/passkeys/sign-in/").content.decode()
    assert f'lang="{code}" dir="{direction}"' in page
    assert catalogue(language)["Sign in with a passkey"] in page
