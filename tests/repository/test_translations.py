"""The translations: complete in every language, with the same placeholders and comments, and compiled."""

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import read_mo
from django.test import Client
from django.utils import translation
from django.utils.translation import get_language_info, to_language
from django.utils.translation.template import templatize

from otp_passkeys.nicknames import clean_nickname

from ..helpers.translations import (
    LANGUAGES,
    PACKAGE,
    Message,
    catalogue,
    catalogue_file,
    entries,
    in_python,
    messages,
    modules,
    said,
    templates,
)

README = Path(__file__).parents[2] / "README.rst"
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|</?\w+>")
COMMENT = re.compile(r"(Translators: .+?)(?: #\}|$)", re.MULTILINE)

# The literals of a script; a comment is matched so that its apostrophes open none.
LITERAL = re.compile(r"""//[^\n]*|"([^"\n]*)"|'([^'\n]*)'|`([^`]*)`""")
KEY = re.compile(r'data-message="([^"]+)"')
# Names of the platform, which nobody reads.
NAMES = {
    "AbortError", "Accept", "Content-Type", "Escape", "GET", "HX-Redirect", "HX-Request", "POST",
    "TypeError", "X-CSRFToken",
}  # fmt: skip


def test_languages() -> None:
    """The README names each language, and no other."""
    names = [get_language_info(to_language(one))["name"] for one in LANGUAGES]
    *others, last = sorted(names)
    assert f"- English, {', '.join(others)} and {last}." in README.read_text("utf-8")


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
    assert {message for message in messages() if not said(language, message)} == set()
    edited = {Message(one.context, str(one.id)) for one in entries(language) if one.id}
    assert edited - messages() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders(language: str) -> None:
    """Each translation has the placeholders and elements of its message, or a page would break."""
    for message in messages():
        text = said(language, message)
        wanted = PLACEHOLDERS.findall(message.text)
        assert sorted(PLACEHOLDERS.findall(text)) == sorted(wanted), (message, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled(language: str) -> None:
    """What is compiled is what translators edit and no more, and nothing in it awaits a review."""
    source = [one for one in entries(language) if one.id]
    assert not [one.id for one in source if one.fuzzy]
    for one in source:
        assert said(language, Message(one.context, str(one.id))) == one.string
    with catalogue_file(language, "mo").open("rb") as file:
        assert len(read_mo(file)) == len(source)


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
    # Undocumented, but it is what makemessages gives to xgettext; nothing else tells of a comment that is dropped.
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
    spoken = catalogue(language)
    for label, name in (
        ("Remove", "Remove %(name)s from this device"),
        ("Rename", "Rename %(name)s"),
        ("Delete", "Delete %(name)s"),
    ):
        assert spoken[label].casefold() in spoken[name].casefold()


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbered_name(language: str) -> None:
    """The script puts the numbered name into a field: it has nothing in it that a nickname may not have."""
    name = catalogue(language)["%(name)s %(number)d"] % {"name": "YubiKey", "number": 2}
    assert clean_nickname(name) == name


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_page(client: Client, settings: Any, language: str) -> None:
    """A page speaks the site's language, and runs the way it is read."""
    settings.LANGUAGE_CODE = code = to_language(language)
    page = client.get("/passkeys/sign-in/").content.decode()
    direction = "rtl" if get_language_info(code)["bidi"] else "ltr"
    assert f'lang="{code}" dir="{direction}"' in page
    assert catalogue(language)["Sign in with a passkey"] in page


# A line for the site's developers, in the browser's console; like the log, it is in English.
FOR_DEVELOPERS = re.compile(r"console\.error\(`[^`]*`\);")


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "static").rglob("*.js")), ids=lambda path: path.name
)
def test_scripts_have_no_text(path: Path) -> None:
    """What a script says comes from the page, so it holds no two words in a row and no capitalised one but names."""
    keys = {key for one in templates() for key in KEY.findall(one.read_text("utf-8"))}
    script = FOR_DEVELOPERS.sub("", path.read_text("utf-8"))
    for match in LITERAL.finditer(script):
        text = match[1] or match[2] or match[3] or ""
        assert not re.search(r"[^\W\d]{2,}[.,!?]? [^\W\d]{2,}\b(?!-)", text), text
        assert not text[:1].isupper() or text in keys | NAMES, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_words(settings: Any, language: str) -> None:
    """The admin stands before the app where the README is followed; what it calls "Remove" is not taken for ours."""
    apps = settings.INSTALLED_APPS
    assert apps.index("django.contrib.admin") < apps.index("otp_passkeys")
    with translation.override(to_language(language)):
        for message in messages():
            context, text = message
            if context:
                assert translation.pgettext(context, text) == said(language, message)
            elif not text.islower():  # as the names of fields are, which the admin alone shows
                assert translation.gettext(text) == said(language, message)
