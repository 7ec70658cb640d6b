"""What mails call an account and a passkey (P11, P16)."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from otp_passkeys import notifications
from otp_passkeys.models import Passkey
from otp_passkeys.notifications.names import account_of, names_of
from otp_passkeys.providers import UNKNOWN

from ..helpers.mails import only
from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.translations import LANGUAGES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_unknown_provider(alice: User, mailoutbox: list[Any], language: str) -> None:
    """P11: what was added was called "Unknown passkey provider", which nobody can have added."""
    with translation.override(translation.to_language(language)):
        notifications.on_passkey_registered(Passkey, None, alice, stored_passkey(alice, number=2))
        notifications.on_passkey_deleted(
            Passkey, None, alice, stored_passkey(alice, nickname="Desk")
        )
        unknown = str(UNKNOWN.name)
    added, deleted = mailoutbox
    for mail in mailoutbox:
        assert unknown not in mail.body + mail.alternatives[0][0]
    assert added.body.count("\n") == deleted.body.count("\n") - 2  # its name, and "Nobody can"
    assert "Desk" in deleted.body


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"nickname": "Desk", "aaguid": ONE_PASSWORD}, ("Desk", "1Password")),
        ({"nickname": "Desk"}, ("Desk", "")),
        ({"nickname": "evil.example", "aaguid": ONE_PASSWORD}, ("", "1Password")),
        ({"nickname": "evil.example"}, ("", "")),
        ({"aaguid": ONE_PASSWORD}, ("", "1Password")),
        # The list calls it so, and another one is “1Password”.
        ({"aaguid": ONE_PASSWORD, "number": 2}, ("1Password 2", "1Password")),
        ({"number": 2}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_passkeys(alice: User, fields: dict[str, Any], names: tuple[str, str]) -> None:
    """P11, P16: a mail has the name that the list has, if it can be repeated, and where the passkey is saved."""
    found = names_of(stored_passkey(alice, **fields))
    assert (found["name"], found["saved_in"]) == names


@pytest.mark.parametrize(
    ("username", "account"),
    [
        ("alice", "alice"),
        ("Älice Ärcher", "Älice Ärcher"),
        ("أليس", "أليس"),
        ("a" * 150, "a" * 150),
        # Eve signs up with alice's address, and would say in the site's name where to go.
        ("evil.example", "alice@example.com"),
        ("www evil", "alice@example.com"),
        ("eve@evil.example", "alice@example.com"),
        ("call 0900 555 0100", "alice@example.com"),
        ("alice@example.com", "alice@example.com"),
        ("", "alice@example.com"),
        # A user model without validators.
        ("alice\r\nTime: never\u2028\x1f", "alice Time: never"),
    ],
)
def test_accounts(username: str, account: str) -> None:
    """P11, P16: the username on one line; in place of one that reads like a link, the address of the mail."""
    assert account_of(User(username=username), "alice@example.com") == account


def test_account_in_the_mail(eve: User, mailoutbox: list[Any]) -> None:
    """P16: eve's username leads nowhere, and is no markup."""
    for username, said, escaped in (
        ("click evil.example", "eve@example.com", "eve@example.com"),
        ("<b>eve</b>", "<b>eve</b>", "&lt;b&gt;eve&lt;/b&gt;"),
        ("ev\u202ee", "ev\u202ee", "ev\u202ee"),
    ):
        mailoutbox.clear()
        eve.username = username
        notifications.on_passkey_deleted(Passkey, None, eve, stored_passkey(eve))
        _, text, html = only(mailoutbox)
        assert f"\nAccount: {said}\nTime" in text
        assert f"Account: <bdi>{escaped}</bdi></li>" in html
        assert "evil" not in text + html
