"""Nicknames: what people call their things is let through, what deceives or breaks is not."""

# ruff: noqa: RUF001 - letters of other scripts are what this is about

import json
import unicodedata
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from otp_passkeys.actions import rename
from otp_passkeys.exceptions import PasskeyNotFound
from otp_passkeys.models import Passkey
from otp_passkeys.nicknames import NicknameForm, clean_nickname

from .helpers.rows import stored_passkey, vanish
from .helpers.steps import ask

FAMILY = "👨\u200d👩\u200d👧"
ALLOWED = [
    "Desk",
    "Alice's phone & <b>tablet</b>",
    "\"'`;--",
    "0",
    "-",
    FAMILY,
    f"Home {FAMILY}",
    "❤️",
    "1️⃣",
    "🇺🇦",
    "👍🏽",
    "המפתח שלי",
    "מפתח\u200f 1",
    "مفتاحي",
    "می\u200cخواهم",
    "İstanbul'daki ışık",
    "क्ष",
    "キー",
    "密钥",
    "e" + "\u0323" * 3,
    "a\u00a0b",
    "x" * 64,
    FAMILY * 12,
    "\U0001faea",  # newer than some Pythons
]
REFUSED = [
    "x" * 65,
    "x" * 10_000,
    "e" + "\u0323" * 500,
    " " * 10_000 + "x" * 65,
    "a\x00b",
    "\x00",
    "a\nb",
    "a\tb",
    "a\x1bb",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "\ud800",
    "a\udfffb",
    "\ue000",
    "a\U000f0000",
    "a\ufeffb",
    "a\ufff9b\ufffb",
    *(f"a{chr(number)}b" for number in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    "a\U000e0000b",
    "a\U000e0001",
    "a\U000e007f",
    "a" + "".join(chr(0xE0000 + ord(letter)) for letter in "spy"),
    "\u200b",
    "\u200b\u200d\u2060",
    "\u00ad",
    "\u200e",
    "\u0301",
    "\u034f",
    "\u3164",
    "\u115f\u1160",
    "\uffa0",
    "\u2800",
    "\ufe0f",
]


def as_json_text(value: str) -> str:
    """Write as JSON in ASCII, so that it may hold lone surrogates."""
    return json.dumps({"nickname": value})


@pytest.fixture
def passkey(alice: User) -> Passkey:
    """Give alice a passkey with a nickname."""
    return stored_passkey(alice, nickname="Before")


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("nickname", ALLOWED)
def test_allows_what_people_write(
    passkey: Passkey, browser: Client, nickname: str, as_json: bool
) -> None:
    """Emoji, Hebrew, Arabic, Turkish: every database stores them as written (S1.13, P5)."""
    path = f"/passkeys/{passkey.pk}/rename/"
    if as_json:
        body = as_json_text(f"  {nickname}\u3000")
        response = browser.post(path, body, content_type="application/json")
    else:
        response = browser.post(path, {"nickname": f"\n {nickname}\t"})
    assert response.status_code == (200 if as_json else 302)
    passkey.refresh_from_db()
    assert passkey.nickname == unicodedata.normalize("NFC", nickname)


@pytest.mark.parametrize("nickname", REFUSED)
def test_refuses_what_deceives(passkey: Passkey, browser: Client, nickname: str) -> None:
    """Control, override, tag, private and invisible characters: 422, also for JSON (S1.13, P5)."""
    path = f"/passkeys/{passkey.pk}/rename/"
    response = browser.post(path, as_json_text(nickname), content_type="application/json")
    assert response.status_code == 422
    assert response.json()["code"] == "invalid_nickname"
    if not any(unicodedata.category(character) == "Cs" for character in nickname):
        response = browser.post(path, {"nickname": nickname})
        assert response.status_code == 422
        assert 'aria-invalid="true"' in response.content.decode()
    passkey.refresh_from_db()
    assert passkey.nickname == "Before"


@pytest.mark.parametrize("nickname", REFUSED)
def test_form_and_function_agree(nickname: str) -> None:
    """The form refuses what the function refuses, or a page would show no reason."""
    with pytest.raises(ValidationError) as caught:
        clean_nickname(nickname)
    assert caught.value.code == "invalid_nickname"
    assert NicknameForm({"nickname": nickname}).errors


def test_composes() -> None:
    """What is typed decomposed is stored composed, so that equal names are equal (P5)."""
    decomposed = unicodedata.normalize("NFD", "Ünïcödé İ")
    assert clean_nickname(decomposed) == "Ünïcödé İ"
    assert len(decomposed) > len(clean_nickname(decomposed))


def test_counts_after_composing() -> None:
    """64 characters are 64 after composing, not before (P5)."""
    assert clean_nickname("e\u0301" * 64) == "é" * 64
    with pytest.raises(ValidationError):
        clean_nickname("e\u0301" * 65)
    # This one is three characters in form C, though it was typed as one.
    assert len(unicodedata.normalize("NFC", "\ufb2c")) == 3
    with pytest.raises(ValidationError):
        clean_nickname("\ufb2c" * 22)
    assert len(clean_nickname("\ufb2c" * 21)) == 63


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000\u00a0"])
def test_blank_is_none(blank: str) -> None:
    """Blanks at the ends are stripped, and nothing is left of blanks alone (S1.13)."""
    assert clean_nickname(blank) == ""


def test_lone_surrogates_in_forms(passkey: Passkey, browser: Client) -> None:
    """Bytes that are no UTF-8 do no harm in a form (P5)."""
    response = browser.post(
        f"/passkeys/{passkey.pk}/rename/",
        b"nickname=%ED%A0%80",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code in (302, 422)
    passkey.refresh_from_db()
    passkey.nickname.encode()


@pytest.mark.parametrize(
    "nickname", ["<script>alert(1)</script>", "\"><img src=x onerror='x'>", "{{ 7 }}", "</bogus>"]
)
def test_is_escaped_everywhere(passkey: Passkey, browser: Client, nickname: str) -> None:
    """No page takes a nickname for markup (S1.13, P4)."""
    Passkey.objects.update(nickname=nickname)
    passkey.refresh_from_db()
    path = f"/passkeys/{passkey.pk}"
    pages = [browser.get(at) for at in ("/passkeys/", f"{path}/rename/", f"{path}/delete/")]
    refused = nickname + "\u202e"
    pages.append(browser.post(f"{path}/rename/", {"nickname": refused}))
    for response in pages:
        page = response.content.decode()
        escaped = nickname.replace("<", "&lt;").replace(">", "&gt;")
        assert escaped.replace('"', "&quot;").replace("'", "&#x27;") in page
        assert nickname not in page or nickname == "{{ 7 }}"


def test_is_never_told_to_the_browser(passkey: Passkey, browser: Client) -> None:
    """A nickname is no user detail: neither options nor sync hold it (S1.13)."""
    Passkey.objects.update(nickname="My secret phone")
    told: list[Any] = [
        ask(browser, "register-options"),
        ask(browser, "authenticate-options"),
        browser.get("/passkeys/sync/").json(),
    ]
    for each in told:
        assert "secret" not in json.dumps(each)
        assert passkey.id_base64url in json.dumps(each)


def test_rename_of_one_that_goes_meanwhile(alice: User) -> None:
    """S1.14: a passkey that goes between reading and writing is missing, and nothing is said to be renamed."""
    passkey = stored_passkey(alice)

    def vanish_before(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith("UPDATE"):
            vanish(alice)
        return execute(sql, *arguments)

    with connection.execute_wrapper(vanish_before), pytest.raises(PasskeyNotFound):
        rename(user=alice, pk=passkey.pk, nickname="Desk")
