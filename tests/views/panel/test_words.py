"""The words of the panel: where a passkey is saved, who can help, what is wrong with a name, and whose page it is."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey

from ...helpers.rows import stored_passkey
from ...helpers.steps import verify


def panel(client: Client) -> str:
    """Return the panel."""
    return client.get("/passkeys/").content.decode()


def facts(client: Client) -> list[str]:
    """Return what is said of the first passkey."""
    listed = panel(client).split('class="otp-passkeys-facts"')[1].split("</ul>")[0]
    return [" ".join(one.split("</li>")[0].split()) for one in listed.split("<li>")[1:]]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"backup_eligible": True, "backup_state": True}, "Synced"),
        ({"backup_eligible": True, "transports": ["internal"]}, "Can sync, not backed up"),
        ({"transports": ["internal", "hybrid"]}, "On one device only"),
        ({"transports": ["internal", "usb"]}, "On one device only"),
        ({"transports": ["usb", "nfc"]}, "On a security key"),
        ({"transports": ["ble"]}, "On a security key"),
        ({"transports": []}, "On one device or security key"),
    ],
)
def test_where_it_is_saved(
    alice: User, browser: Client, fields: dict[str, Any], words: str
) -> None:
    """S1.2: synced, able to, or not; then the transports tell a device from a key, where they tell."""
    stored_passkey(alice, **fields)
    assert facts(browser)[-1] == words


def test_questions(alice: User, browser: Client) -> None:
    """S1.16: below the list, whatever is in it, stands what a passkey is, where, and what if it is lost."""
    stored_passkey(alice, transports=["usb"])
    for words in ("What is a passkey?", "Where is it saved?", "What if I lose my device?"):
        assert f"<dt>{words}</dt>" in panel(browser)


def test_switched_off(alice: User, browser: Client) -> None:
    """S2.3: a passkey that is switched off is dimmed, and the row says who can help."""
    stored_passkey(alice)
    assert "otp-passkeys-dimmed" not in panel(browser)
    stored_passkey(alice, confirmed=False)
    assert panel(browser).count("otp-passkeys-dimmed") == 1
    assert panel(browser).count("The people who run this site can switch it on again.") == 1


def test_each_has_its_day(alice: User, browser: Client, settings: Any) -> None:
    """S1.2: of passkeys that were added within a few hours, each says its own day, in the time zone of the page."""
    settings.TIME_ZONE = "America/New_York"
    for hour in (3, 4, 6):
        row = stored_passkey(alice)
        Passkey.objects.filter(pk=row.pk).update(
            created_at=datetime(2026, 1, 2, hour, tzinfo=timezone.utc)
        )
    html = panel(browser)
    assert html.count('<time datetime="2026-01-01T22:00:00-05:00">Added Jan. 1, 2026</time>') == 1
    assert html.count("Added Jan. 1, 2026") == 2
    assert html.count('<time datetime="2026-01-02T01:00:00-05:00">Added Jan. 2, 2026</time>') == 1


def test_a_site_says_where_it_is_saved(
    alice: User, browser: Client, settings: Any, tmp_path: Path
) -> None:
    """S2.6: the smallest part of a row can be replaced too, and knows its passkey."""
    stored_passkey(alice, nickname="Desk")
    place = tmp_path / "otp_passkeys" / "includes" / "saved.html"
    place.parent.mkdir(parents=True)
    place.write_text("{{ passkey.nickname }} is in the drawer")
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    ]
    assert facts(browser)[-1] == "Desk is in the drawer"


@pytest.mark.parametrize(
    ("nickname", "words"),
    [
        ("x" * 65, "too long"),
        ("x" * 10_000, "too long"),
        ("\u200b", "can’t be seen"),
        ("a\u202eb", "direction of text"),
        ("a\nb", "line breaks"),
    ],
)
def test_each_refusal_has_its_words(
    alice: User, browser: Client, nickname: str, words: str
) -> None:
    """S1.13: the page and JSON say the same of a name, and what is wrong with this one."""
    passkey = stored_passkey(alice)
    path = f"/passkeys/{passkey.pk}/rename/"
    page = browser.post(path, {"nickname": nickname}).content.decode()
    answer = browser.post(path, {"nickname": nickname}, content_type="application/json").json()
    assert words in answer["detail"]
    assert answer["detail"] in page
    assert answer["code"] == "invalid_nickname"


def test_browsers_count_nothing(alice: User, browser: Client) -> None:
    """S1.13: they count an emoji as two characters, and cut off without a word: the server counts, and says so."""
    passkey = stored_passkey(alice)
    path = f"/passkeys/{passkey.pk}/rename/"
    assert "maxlength" not in browser.get(path).content.decode() + panel(browser)
    assert browser.post(path, {"nickname": "😀" * 64}).status_code == 302


def test_names_are_headings(alice: User, browser: Client) -> None:
    """WCAG 2.4.6: screen readers go from passkey to passkey, below the heading of the page."""
    passkey = stored_passkey(alice, nickname="Desk")
    verify(browser, passkey)
    heading = '<span role="heading" aria-level="2"><bdi>Desk</bdi></span>'
    assert panel(browser).count(heading) == 1
    for page in ("rename", "delete"):
        assert heading in browser.get(f"/passkeys/{passkey.pk}/{page}/").content.decode()


def test_title_has_the_sites_name(alice: User, browser: Client, settings: Any) -> None:
    """WCAG 2.4.2: the tab says whose passkeys these are."""
    passkey = stored_passkey(alice)
    assert "<title>Passkeys | testserver</title>" in panel(browser)
    settings.OTP_PASSKEYS_RP_NAME = "Bits & Co"
    page = browser.get(f"/passkeys/{passkey.pk}/rename/").content.decode()
    assert "<title>Rename a passkey | Bits &amp; Co</title>" in page
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: None
    assert "<title>Passkeys</title>" in panel(browser)


def test_nothing_to_refresh(browser: Client) -> None:
    """S1.16: without passkeys there is one card, which says what one is and adds it."""
    html = panel(browser)
    assert "data-empty" in html
    assert html.count("otp-passkeys-empty") == 1
    assert html.index("otp-passkeys-empty") < html.index("<otp-passkey-add")
