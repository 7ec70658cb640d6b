"""The page that people come to with a message, a code or a log line knows the ones that the code has."""

import re
from pathlib import Path

from django.template.loader import render_to_string

import otp_passkeys
from otp_passkeys import exceptions

from ..helpers.docs import DOCS, all_errors

TEMPLATES = Path(otp_passkeys.__file__).parent / "templates"
PAGE = (DOCS / "troubleshooting.rst").read_text()
LOG = (DOCS / "reference" / "log.rst").read_text()
MESSAGES, CODES, LINES, SYMPTOMS = re.split(r"^By .*\n-{5,}\n", PAGE, flags=re.M)[1:]
# What a script says when all is well, or while it works.
NO_TROUBLE = {"waiting", "checking", "registered", "renamed", "gone", "refreshed", "unreadable"}


def quoted() -> list[str]:
    """Return the messages that the page explains."""
    terms = [line for line in MESSAGES.split("\n") if line.startswith("“")]
    return [one for line in terms for one in re.findall(r"“(.+?)”(?=, “|$)", line)]


def words(html: str) -> str:
    """Return the text of a template as a user reads it."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def shown_by_scripts() -> set[str]:
    """Return what the scripts may say of a trouble."""
    found = set()
    for name in ("sign_in_messages", "panel_messages", "obstacles"):
        for other_way in (True, False):
            html = render_to_string(f"otp_passkeys/includes/{name}.html", {"other_way": other_way})
            pairs = re.findall(r'data-message="(\w+)">(.*?)</template>', html, re.DOTALL)
            found |= {words(text) for key, text in pairs if key not in NO_TROUBLE}
    return found


def test_messages() -> None:
    """Each message that the scripts show of a trouble is on the page, and no other than the app has."""
    said = quoted()
    assert len(said) == len(set(said))
    assert shown_by_scripts() - set(said) == set()
    known = {words(path.read_text()) for path in TEMPLATES.rglob("*.html")}
    known |= {str(error.message) for error in all_errors()} | shown_by_scripts()
    unknown = [
        one for one in said if not any(one.replace(" … ", " {{ address }} ") in k for k in known)
    ]
    assert unknown == []


def test_codes() -> None:
    """Each code has a row that says what to do; the page names no other."""
    codes = [error.code for error in all_errors() if error.__module__ == exceptions.__name__]
    assert set(re.findall(r"\* - ``(\w+)``\n     - \S", CODES)) == set(codes)
    assert set(re.findall(r"The code is ``(\w+)``", MESSAGES)) <= set(codes)


def test_codes_of_messages() -> None:
    """A message leads to the code that it has."""
    pairs = re.findall(r"^“(.+)”\n   The code is ``(\w+)``", MESSAGES, re.M)
    messages = {error.code: str(error.message) for error in all_errors()}
    assert [(messages[code], code) for _, code in pairs] == pairs


def test_lines() -> None:
    """Each line of the log is one that the reference of the log has."""
    rows = re.findall(r"\* - ``(.+?)``\n", LINES)
    assert rows
    assert [row for row in rows if f"``{row}``" not in LOG] == []


def test_searches() -> None:
    """What people search for is a heading or in the index: the search knows no numbers in the text."""
    headings = " ".join(re.findall(r"^(.+)\n~~~+$", SYMPTOMS, re.M))
    index = " ".join(re.findall(r"^(?:\.\. index::|   single:) (.+)$", SYMPTOMS, re.M))
    for wanted in ("127.0.0.1", "Android", "CSP", "LOGIN_URL", "SECURE_PROXY_SSL_HEADER", "404"):
        assert wanted in headings + index
