"""Every block of code in README and documentation is run, or is on the list of those that cannot be."""

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..helpers.docs import DOCS
from .blocks import BLOCKS, ROOT, Block, having

NAMES = {block.page for block in BLOCKS}

# Followed word by word, command by command, by .ci/follow_pages.py.
FOLLOWED = {
    "README": ["pip install django-otp", "# settings.py", "# urls.py", "{# base.html", "runserver"],
    "docs/quickstart": ["startproject", "INSTALLED_APPS", "urlpatterns", "createsuperuser"],
    "docs/tutorial": ["startproject", "runserver"],
}
# Run by a test outside this folder, which this names: where the page's own package or a browser is, or where the
# test is about more than the page.
ELSEWHERE = {
    "docs/how-to/admin-themes": {"UNFOLD =": "test_pages", "JAZZMIN_SETTINGS": "test_pages"},
    "docs/how-to/allauth": {
        "passkey_sign_in": "test_sign_in_page",
        "class SignInForm": "test_sign_in_page",
        "class SitePolicy": "test_mandatory_verification",
    },
    "docs/how-to/deploy": {"OTP_PASSKEYS_RP_NAME": "test_origins"},
    "docs/how-to/jinja2": {
        "def environment": "test_jinja2",
        "TEMPLATES = [": "test_jinja2",
        "passkey_panel(heading=1)": "test_jinja2",
    },
    "docs/how-to/ldap": {
        "return True": "test_passwords_in_a_directory",
        "user.is_from_directory or": "test_passwords_in_a_directory",
        "LDAPBackend()": "test_who_left_the_directory",
    },
    "docs/how-to/mails": {
        "New passkey for": "test_replaces",
        "at once: reply to this mail.{%": "test_replaces",
        "<strong>Wasn’t you?": "test_replaces",
        "block brand": "test_replaces",
        "base.txt": "test_replaces",
        "send_later": "test_receivers",
    },
    "docs/how-to/move": {"ALLOWED_HOSTS": "test_origins"},
    "docs/how-to/native-apps": {
        "OTP_PASSKEYS_ALLOWED_ORIGINS": "test_settings",
        "fromhex": "test_settings",
    },
    "docs/how-to/policy": {
        "e-mail link": "test_other_ways_in",
        "terms_accepted": "test_who_may_sign_in",
    },
    "docs/how-to/reauthentication": {
        "def delete_account": "test_protected_views",
        "max_age=60": "test_protected_views",
        "def transfer": "test_protected_views",
        "class MailCode": "test_documented_way",
        "class AccountPolicy": "test_sign_ins_that_prove_nothing",
    },
    "docs/how-to/sign-in-page": {
        "SignInView": "test_own_sign_in_page",
        '<form method="post">': "test_own_sign_in_page",
        "class SignInForm": "test_own_sign_in_page",
    },
    "docs/how-to/sync": {"SyncedMiddleware": "test_reads_no_session"},
    "docs/how-to/templates": {
        "--otp-passkeys-radius": "test_colours",
        "We help.": "test_replaces",
        "otp-passkeys-row": "test_replaces",
        "New passkey<": "test_replaces",
    },
    "docs/how-to/wagtail": {
        "wagtailadmin/login.html": "test_sign_in_page",
        "class SignInForm": "test_sign_in_page",
        "wagtailadmin/generic/base.html": "test_account",
        "wagtailadmin/admin_base.html": "test_account",
    },
    "docs/how-to/well-known": {"OTP_PASSKEYS_RP_ID": "test_origins"},
    "docs/reference/settings": {"def relying_party": "test_callable"},
    "docs/reference/signals": {"AuditEntry": "test_receivers"},
}
# What no test runs, and why.
NOT_RUN = {
    "README": {
        "nox -s demo": "CI runs it as its second command, outside the suite",
        "nox -s tests": "CI runs it as its first command; this is it",
    },
    "docs/explanation/scripts": {
        "customElements.whenDefined": "a line of the app's own scripts: every browser test runs it",
    },
    "docs/how-to/another-origin": {
        "import { passkeys }": "calls a dialog of the site; tests/browser runs the client that it calls",
        "location.href": "three lines for a browser that leaves the page",
    },
    "docs/how-to/deploy": {
        "client_max_body_size": "nginx is not among what the tests install",
        "pip uninstall": "takes packages out of the environment of the tests",
    },
    "docs/how-to/native-apps": {
        '"rawId"': "a sketch of what an app on iOS writes, with names for its values",
    },
    "docs/how-to/reauthentication": {
        "reauthenticate_url } =": "four lines for a browser, within a function of the site",
    },
    "docs/reference/events": {
        "otp-passkeys:deleting": "calls a dialog of the site; tests/browser listens to both events",
    },
}

# Pages of which no test runs any block.
WHOLE_PAGES = {
    "docs/explanation/performance": "what was measured; to measure it again takes minutes of an idle machine",
}


def among(table: Mapping[str, Iterable[str]]) -> set[Block]:
    """Return the blocks that a table names; a name that fits none fails."""
    return {having(page, words) for page, rows in table.items() for words in rows}


def run_here() -> set[Block]:
    """Return the blocks that the tests of this folder name: by page and words, as arguments or in a tuple."""
    found = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
            match names:
                case [ast.Constant(str(page)), ast.Constant(str(words)), *_] if page in NAMES:
                    found.add(having(page, words))
    return found


def test_every_block() -> None:
    """Each block is in exactly one place: run here, followed, run elsewhere, or on the list."""
    left = among(NOT_RUN) | {block for block in BLOCKS if block.page in WHOLE_PAGES}
    places = [run_here(), among(FOLLOWED), among(ELSEWHERE), left]
    found = {block: [block in place for place in places].count(True) for block in BLOCKS}
    assert [str(block) for block, count in found.items() if count == 0] == []
    assert [str(block) for block, count in found.items() if count > 1] == []


def test_elsewhere() -> None:
    """Each test that the list names is in a file that takes something from the page, or whose settings do."""
    files = {file: file.read_text() for file in (ROOT / "tests").rglob("*.py")}
    for page, rows in ELSEWHERE.items():
        name = f'"{page.removeprefix("docs/")}"'
        speaking = {file for file, text in files.items() if name in text}
        for test in set(rows.values()):
            having_it = [file for file, text in files.items() if f"\ndef {test}(" in text]
            assert any({file, file.with_name("settings.py")} & speaking for file in having_it), (
                f"{test} takes nothing from {page}"
            )


def test_files_beside_the_pages() -> None:
    """Each file beside a page is shown by one, and named by a test that runs it."""
    tests_of_all = "\n".join(
        file.read_text() for file in (ROOT / "tests").rglob("*.*") if file.suffix in {".py", ".js"}
    )
    shown = "\n".join(page.read_text() for page in DOCS.rglob("*.rst"))
    files = [file for file in (DOCS / "how-to").iterdir() if file.suffix in {".py", ".js", ".css"}]
    assert files
    for file in files:
        assert re.search(rf"literalinclude:: (how-to/)?{re.escape(file.name)}$", shown, re.M), file
        assert file.stem in tests_of_all or file.name in tests_of_all, file
