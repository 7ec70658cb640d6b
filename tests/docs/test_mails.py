"""The templates of mails that the documentation shows replace the app's, each by itself."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys import notifications
from otp_passkeys.models import Passkey

from ..helpers.docs import DOCS, captioned
from ..helpers.mails import only
from ..helpers.rows import stored_passkey

pytestmark = pytest.mark.django_db

PAGE = "how-to/mails"
FILES = captioned(PAGE, "django") | captioned(PAGE, "html+django")
FOLDER = "templates/otp_passkeys/mail/"
# What each file changes, and what is seen of it there: in the subject, in the text, in the HTML. The layout has the
# subject as its heading.
SHOWS: dict[str, dict[str, str]] = {
    "passkey_added_subject.txt": {
        "subject": "New passkey for alice at Tom & Jerry’s",
        "html": "<h1[^>]*>New passkey for alice at Tom &amp; Jerry’s</h1>",
    },
    "passkey_added.txt": {"text": r"\n\nWasn’t you\? Tell us at once: reply to this mail.\n"},
    "passkey_added.html": {"html": r"</strong> Tell us at once: reply to this mail.</p>"},
    "base.html": {
        "html": r"(?s)\.mail-button { background: #7a1fa2 !important; }.*</style>"
        r".*<strong>The Shop</strong>.*</h1>.*Account: .*<p>The Shop Ltd, 1 High Street, Leeds</p>"
    },
    "base.txt": {"text": r"\nThe Shop Ltd, 1 High Street, Leeds\n\s*$"},
}
KEPT = {
    "subject": "A passkey was added to your account at Tom & Jerry’s",
    "text": "A passkey was added to your account at Tom & Jerry’s.",
    "html": "<title>",
}


def parts(user: User, mailoutbox: list[Any]) -> dict[str, str]:
    """Return what a mail about a passkey says, without the time."""
    mailoutbox.clear()
    passkey = stored_passkey(user, nickname="Desk & chair")
    notifications.on_passkey_registered(Passkey, None, user, passkey)
    mail, text, html = only(mailoutbox)
    found = {"subject": str(mail.subject), "text": text, "html": html}
    return {part: re.sub(r"Time: [^\n<]+", "Time", said) for part, said in found.items()}


def put(settings: Any, folder: Path, files: dict[str, str]) -> None:
    """Give the site templates of its own."""
    for name, source in files.items():
        place = folder / "otp_passkeys" / "mail" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(source, encoding="utf-8")
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [folder, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates


def test_all_are_tried() -> None:
    """Each template that the page shows is tried below."""
    assert set(FILES) == {FOLDER + name for name in SHOWS}


@pytest.mark.parametrize("name", SHOWS)
def test_replaces(
    alice: User, settings: Any, tmp_path: Path, mailoutbox: list[Any], name: str
) -> None:
    """P11: a site changes subject, text or layout, and the other parts stay to the letter."""
    settings.OTP_PASSKEYS_RP_NAME = "Tom & Jerry’s"
    before = parts(alice, mailoutbox)
    put(settings, tmp_path, {name: FILES[FOLDER + name]})
    after = parts(alice, mailoutbox)
    for part, said in before.items():
        assert KEPT[part] in said
        if pattern := SHOWS[name].get(part):
            assert re.search(pattern, after[part])
            assert not re.search(pattern, said)
        else:
            assert after[part] == said
    for part in ("text", "html"):
        # What no file here changes; the text is text, and the HTML is HTML.
        assert "Account: " in after[part]
        assert ("Desk & chair" if part == "text" else "Desk &amp; chair") in after[part]


def test_all_at_once(alice: User, settings: Any, tmp_path: Path, mailoutbox: list[Any]) -> None:
    """P11: together they do what each does."""
    settings.OTP_PASSKEYS_RP_NAME = "Tom & Jerry’s"
    put(settings, tmp_path, {name: FILES[FOLDER + name] for name in SHOWS})
    said = parts(alice, mailoutbox)
    for shown in SHOWS.values():
        for part, pattern in shown.items():
            assert re.search(pattern, said[part]), (part, pattern)


def test_layout_of_the_sites(
    alice: User, settings: Any, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    """P11: a layout that extends nothing has all that a mail says, with what the page names."""
    sentence = (DOCS / f"{PAGE}.rst").read_text("utf-8").partition("a layout that is all yours")[2]
    lead, advice = re.findall(r"``(lead|advice)``", sentence)
    includes = re.findall(r"``(\{% include .+? %\})``", sentence)
    assert (lead, advice, len(includes)) == ("lead", "advice", 2)
    blocks = [f"{{% block {name} %}}{{% endblock %}}" for name in (lead, advice)]
    source = f"<h1>{{{{ subject }}}}</h1>{blocks[0]}{includes[0]}{blocks[1]}{includes[1]}"
    put(settings, tmp_path, {"base.html": source})
    html = parts(alice, mailoutbox)["html"]
    assert html.startswith("<h1>A passkey was added")
    assert "<style" not in html
    for said in ("Account: ", "Desk &amp; chair", "Wasn’t you?"):
        assert said in html


def test_names_of_the_page(
    alice: User, settings: Any, tmp_path: Path, mailoutbox: list[Any]
) -> None:
    """P11: each template gets each variable that the page lists."""
    text = (DOCS / f"{PAGE}.rst").read_text("utf-8")
    table = text.partition("What it is\n")[2].partition("The subject\n")[0]
    names = [
        name
        for row in re.findall(r"   \* - (``.+)", table)
        for name in re.findall(r"``(\w+)``", row)
    ]
    assert {"account", "saved_in", "has_password", "automatic", "subject"} <= set(names)
    source = "\n".join(f"{name}={{{{ {name}|default_if_none:'None' }}}}" for name in names)
    put(settings, tmp_path, {"passkey_added.txt": source, "passkey_added.html": source})
    settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "MISSING"
    said = parts(alice, mailoutbox)
    for part in ("text", "html"):
        assert "MISSING" not in said[part]
        assert "account=alice\n" in said[part]
