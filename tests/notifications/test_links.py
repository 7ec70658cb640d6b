"""A mail leads nowhere but to the site (P16)."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from otp_passkeys import notifications
from otp_passkeys.models import Passkey

from ..helpers.mails import only
from ..helpers.rows import stored_passkey
from .test_notifications import ONE_PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "nickname",
    [
        "evil.example/x",
        "Go to https://evil.example",
        "www evil",
        "a@evil.example",
        "evil\u3002example",
        "evil\uff0eexample",
        "evil\uff61example",
        "\uff45\uff56\uff49\uff4c.example",
        # Domains that end with a mark, an emoji, or with something that nobody sees.
        "\N{DEVANAGARI LETTER PA}\N{DEVANAGARI LETTER NA}\N{DEVANAGARI VOWEL SIGN II}.example",
        "evil\N{COMBINING DIAERESIS}.example",
        "\N{PILE OF POO}.example",
        "evil\N{ZERO WIDTH SPACE}.example",
        "evil.\N{WORD JOINER}example",
        "evil\N{SOFT HYPHEN}.example",
        "192.0.2.1",
        "tel:112",
        "skype:eve",
        "ms-word:ofe",
        "\\\\evil\\share",
        "call +1 (900) 555-0100",
    ],
)
def test_nickname_that_would_be_a_link(alice: User, mailoutbox: list[Any], nickname: str) -> None:
    """P16: what a mail program could make a link of is not repeated; the provider's name stands alone."""
    passkey = stored_passkey(alice, nickname=nickname, aaguid=ONE_PASSWORD)
    notifications.on_passkey_registered(Passkey, None, alice, passkey)
    mail, text, html = only(mailoutbox)
    assert nickname not in mail.subject + text + html
    assert "Account: alice\nSaved in: 1Password\nTime: " in text
    assert "Saved in: 1Password<" in html
    assert "Passkey:" not in text + html


@pytest.mark.parametrize(
    "nickname",
    [
        "Tom's iPhone 15", "YubiKey 5.7", "Key No. 2", "St. John", "2026-11-29", "My ...key",
        "Work: phone", "A/B",
    ],
)  # fmt: skip
def test_ordinary_nickname(alice: User, mailoutbox: list[Any], nickname: str) -> None:
    """P16: a name that is no address is told as it is."""
    passkey = stored_passkey(alice, nickname=nickname, aaguid=ONE_PASSWORD)
    notifications.on_passkey_registered(Passkey, None, alice, passkey)
    assert f"Passkey: {nickname}\nSaved in: 1Password\n" in only(mailoutbox)[1]


@pytest.mark.parametrize(
    ("origins", "start"),
    [
        (["https://shop.example", "https://example.com"], "https://shop.example/"),
        (["android:apk-key-hash:x", "https://example.com:8443"], "https://example.com:8443/"),
        (["https://example.com", "https://testserver"], "https://testserver/"),
        (["http://localhost:8000"], None),
        (None, "https://example.com/"),
    ],
)
def test_link_is_the_relying_partys(
    alice: User,
    rf: RequestFactory,
    settings: Any,
    mailoutbox: list[Any],
    origins: Any,
    start: str | None,
) -> None:
    """P16: the link leads to an origin where passkeys are taken, not to whatever the Host header says."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = origins
    host = "testserver" if origins and "https://testserver" in origins else "evil.example.com"
    request = rf.get("/", secure=True, headers={"Host": host})
    notifications.on_passkey_deleted(Passkey, request, alice, stored_passkey(alice))
    _, text, html = only(mailoutbox)
    assert "evil" not in text + html
    found = re.search(r"https?://\S+", text)
    assert (found and found[0]) == (start and f"{start}passkeys/")


def test_no_link_to_a_host_that_nobody_named(
    alice: User, rf: RequestFactory, settings: Any, mailoutbox: list[Any]
) -> None:
    """P16: where only a wildcard vouches for the host, the mail goes out and leads nowhere."""
    settings.ALLOWED_HOSTS = ["*"]
    request = rf.get("/", secure=True, headers={"Host": "evil.example.com"})
    notifications.on_passkey_deleted(Passkey, request, alice, stored_passkey(alice))
    _, text, html = only(mailoutbox)
    assert "evil" not in text + html
    assert "http" not in text
