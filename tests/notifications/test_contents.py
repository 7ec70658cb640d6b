"""Both parts of a mail say the same, in every language, and nothing in it is fetched (P11)."""

import html as entities
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import RequestFactory
from django.utils import translation

from otp_passkeys import notifications
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy

from ..helpers.mails import only
from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.translations import LANGUAGES, catalogue
from .test_notifications import FIREFOX

pytestmark = pytest.mark.django_db
URL = "https://testserver/passkeys/"


@pytest.fixture
def send(alice: User, rf: RequestFactory, mailoutbox: list[Any]) -> Callable[[str], Any]:
    """Return a function that returns the fullest mail of a name, in the language that is active."""

    def send(name: str) -> tuple[mail.EmailMultiAlternatives, str, str]:
        request = rf.get("/", secure=True, headers={"User-Agent": FIREFOX})
        request.user = alice
        passkey = stored_passkey(alice, nickname="Tom’s & Jo’s", aaguid=ONE_PASSWORD)
        receiver: Any = getattr(notifications, f"on_passkey_{name}")
        receiver(Passkey, request, alice, passkey, purpose="upgrade")
        return only(mailoutbox)

    return send


def read(html: str) -> str:
    """Return what is read of the HTML, its tags replaced by breaks."""
    body = html.partition("<body")[2].partition(">")[2]
    inline = re.sub(r"</?(?:bdi|strong)>", "", body)
    return entities.unescape(re.sub(r"\s*<[^>]+>\s*", "\n", inline))


@pytest.mark.parametrize("name", ["registered", "deleted"])
@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_parts(send: Callable[[str], Any], monkeypatch: Any, language: str, name: str) -> None:
    """S1.8: subject, text and HTML speak the language of the request, and each line of the text is in the HTML."""
    monkeypatch.setattr("otp_passkeys.notifications.limit.MOST", 1)
    code = translation.to_language(language)
    with translation.override(code):
        message, text, html = send(name)
    what = {"registered": "added to", "deleted": "deleted from"}[name]
    english = f"A passkey was {what} your account at %(site)s"
    said = english if language == "en" else catalogue(language)[english]
    assert message.subject == said % {"site": "testserver"}
    # Isolates are for the text what the bdi element is for the HTML.
    lines = re.sub("[\u2068\u2069]", "", text).strip().split("\n")
    assert lines[-1] == URL
    rest = [line for line in lines[1:-2] if line]
    assert len(rest) == 10
    shown = re.sub("[\u2068\u2069]", "", read(html)).split("\n")
    assert set(rest) - set(shown) == set()
    direction = "rtl" if translation.get_language_info(code)["bidi"] else "ltr"
    assert html.count(f'lang="{code}" dir="{direction}"') == 2
    assert shown.count(message.subject) == 1


def test_nothing_is_fetched(send: Callable[[str], Any]) -> None:
    """P11: no picture, font or pixel tells anybody that the mail was read, and there is one link."""
    _, text, html = send("registered")
    assert re.findall(r"https?:[^\s\"<]+", text) == [URL]
    assert re.findall(r"https?:[^\s\"<]+", html) == [URL]
    assert html.count("<a ") == 1
    assert not re.search(r"(?i)<(?:img|link|script|iframe|object|video)|\bsrc=|url\(|@import", html)


def test_text_comes_first(send: Callable[[str], Any]) -> None:
    """P11: programs show the last part that they can, so the HTML is the last (RFC 2046 §5.1.4)."""
    sent = send("deleted")[0].message()
    assert sent.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in sent.get_payload()]
    assert kinds == ["text/plain", "text/html"]
    assert [part.get_content_charset() for part in sent.get_payload()] == ["utf-8", "utf-8"]


class NoPasswords(Policy):
    """The policy of a site where nobody has a password, whatever the database has."""

    def has_password(self, user: Any) -> bool:
        return False


@pytest.mark.parametrize("name", ["registered", "deleted"])
@pytest.mark.parametrize("unusable", [True, False])
def test_without_a_password(
    alice: User, send: Callable[[str], Any], settings: Any, name: str, unusable: bool
) -> None:
    """P11: users without a password were told to change it."""
    if unusable:
        alice.set_unusable_password()
    else:
        settings.OTP_PASSKEYS_POLICY = f"{__name__}.NoPasswords"
    _, text, html = send(name)
    for part in (text, html):
        assert "Somebody else may have access to your account: " in part
        assert "password." not in part


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("registered", "delete this passkey and change your password."),
        ("deleted", "look through your passkeys and change your password."),
    ],
)
def test_what_to_do(send: Callable[[str], Any], name: str, advice: str) -> None:
    """P11: both parts say what to do if it was somebody else."""
    _, text, html = send(name)
    said = f"Somebody else may have access to your account: {advice}"
    assert f"\n\nWasn’t you?\n{said}\n\n" in text
    assert re.search(rf"<strong>Wasn’t you\?</strong><br>\s*{re.escape(said)}\s*</p>", html)
