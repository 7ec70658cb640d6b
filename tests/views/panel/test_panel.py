"""The panel: list, rename and delete, as pages and as JSON."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.policy import Policy
from otp_passkeys.sync import FLAG
from otp_passkeys.testing import Authenticator

from ...helpers.rows import stored_passkey
from ...helpers.steps import SignedIn, enrol, lose_password, outcome, verify

ONE_PASSWORD = "bada5566-a7aa-401f-bd96-45619a55120d"
JSON = {"Accept": "application/json"}


def rows(client: Client) -> list[dict[str, Any]]:
    """Return the list as JSON."""
    response = client.get("/passkeys/", headers=JSON)
    assert response.status_code == 200
    assert response.json().keys() == {"passkeys", "advice"}
    listed: list[dict[str, Any]] = response.json()["passkeys"]
    return listed


def post_json(client: Client, path: str, body: object = None) -> Any:
    """Post JSON."""
    return client.post(path, {} if body is None else body, content_type="application/json")


def test_lists_what_scripts_may_know(alice: User, browser: Client) -> None:
    """The JSON list has these members and no others: no key, count or attestation (S1.17)."""
    used = datetime.datetime(2026, 5, 4, 3, 2, 1, tzinfo=datetime.timezone.utc)
    passkey = stored_passkey(
        alice,
        nickname="Desk",
        aaguid=ONE_PASSWORD,
        last_used_at=used,
        backup_eligible=True,
        backup_state=True,
        credential_id=b"\xfb\xff\xfe",
    )
    (row,) = rows(browser)
    icons = [row["provider"].pop(f"icon_{theme}") for theme in ("light", "dark")]
    for icon, theme in zip(icons, ("light", "dark"), strict=True):
        assert icon.startswith("/passkeys/icons/")
        assert icon.endswith(f"/{ONE_PASSWORD}/{theme}/")
        assert browser.get(icon).status_code == 200
    assert passkey.created_at is not None
    created = datetime.datetime.fromisoformat(row.pop("created_at").replace("Z", "+00:00"))
    assert abs(created - passkey.created_at) < datetime.timedelta(milliseconds=2)
    assert row == {
        "id": "-__-",
        "name": "Desk",
        "nickname": "Desk",
        "provider": {"name": "1Password"},
        "last_used_at": "2026-05-04T03:02:01Z",
        "synced": True,
        "backup_eligible": True,
        "second_step_only": False,
        "current": False,
        "rp_id": "testserver",
        "usable": True,
        "rename_url": f"/passkeys/{passkey.pk}/rename/",
        "delete_url": f"/passkeys/{passkey.pk}/delete/",
    }


def test_lists_only_ones_own(alice: User, eve: User, browser: Client, signed_in: SignedIn) -> None:
    """Nobody sees the passkeys of another, as page or as JSON (S1.1, P1)."""
    stored_passkey(alice, nickname="Alices")
    stored_passkey(eve, nickname="Eves")
    assert [row["name"] for row in rows(browser)] == ["Alices"]
    page = signed_in(eve).get("/passkeys/").content.decode()
    assert "Eves" in page
    assert "Alices" not in page


def test_lists_disabled_ones_and_old_ones(alice: User, browser: Client) -> None:
    """Rows from before an upgrade, without AAGUID or transports, and disabled ones (S2.3)."""
    stored_passkey(alice, aaguid=None, transports=[])
    stored_passkey(alice, aaguid="", confirmed=False)
    stored_passkey(alice, aaguid="no aaguid at all", nickname="Old")
    names = ["Unknown passkey provider", "Unknown passkey provider 2", "Old"]
    assert [row["name"] for row in rows(browser)] == names
    page = browser.get("/passkeys/").content.decode()
    assert all(name in page for name in names)
    assert "Never used" in page


def test_numbers_equal_names(alice: User, browser: Client) -> None:
    """Passkeys of one name are told apart by number, and a rename changes the numbers."""
    _, second, _ = [stored_passkey(alice, aaguid=ONE_PASSWORD) for _ in range(3)]
    assert [row["name"] for row in rows(browser)] == ["1Password", "1Password 2", "1Password 3"]
    verify(browser, second)
    page = browser.get(f"/passkeys/{second.pk}/delete/").content.decode()
    assert "<bdi>1Password 2</bdi>" in page
    assert "“1Password 2” was deleted." in page
    assert (
        post_json(browser, rows(browser)[0]["rename_url"], {"nickname": "Old"}).status_code == 200
    )
    assert [row["name"] for row in rows(browser)] == ["Old", "1Password", "1Password 2"]


def test_says_that_there_are_none(browser: Client) -> None:
    """An empty list says what a passkey is and how to add one (S1.16)."""
    assert rows(browser) == []
    page = browser.get("/passkeys/").content.decode()
    assert "No passkeys yet" in page
    assert "A passkey replaces your password" in page
    assert "Add a passkey" in page


def test_highlights_what_was_added(alice: User, browser: Client) -> None:
    """The row that the form added is shown as new, and only that; odd numbers do no harm."""
    new, _ = stored_passkey(alice), stored_passkey(alice)
    assert browser.get(f"/passkeys/?added={new.pk}").content.count(b"data-highlight") == 1
    for odd in ("", "x", "%00", "-1", "9" * 100, "%22%3E%3Cscript%3E"):
        response = browser.get(f"/passkeys/?added={odd}")
        assert response.status_code == 200
        assert b"data-highlight" not in response.content
        assert b"><script>" not in response.content


def test_renames(alice: User, browser: Client) -> None:
    """A form leads back to the list, JSON gets the row; the browser is not told (S1.1, S1.13)."""
    passkey = stored_passkey(alice, aaguid=ONE_PASSWORD)
    path, flag = f"/passkeys/{passkey.pk}/rename/", browser.session[FLAG]
    page = browser.get(path).content.decode()
    assert "1Password" in page
    assert 'name="nickname"' in page
    response = browser.post(path, {"nickname": " Desk "})
    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/passkeys/#otp-passkeys-news",
    )
    assert rows(browser)[0]["name"] == "Desk"
    assert 'value="Desk"' in browser.get(path).content.decode()
    response = post_json(browser, path, {"nickname": "Phone"})
    assert response.status_code == 200
    assert response.json() == rows(browser)[0]
    assert response.json()["nickname"] == "Phone"
    assert browser.session[FLAG] == flag


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_clearing_brings_the_providers_name_back(
    alice: User, browser: Client, empty: str | None
) -> None:
    """The nickname wins; without it the provider's name is back (S1.9)."""
    passkey = stored_passkey(alice, aaguid=ONE_PASSWORD, nickname="Desk")
    path = f"/passkeys/{passkey.pk}/rename/"
    assert browser.post(path, {} if empty is None else {"nickname": empty}).status_code == 302
    assert rows(browser)[0]["name"] == "1Password"
    assert rows(browser)[0]["nickname"] == ""


def test_refuses_a_bad_name(alice: User, browser: Client) -> None:
    """A bad name is a 422 as page and as JSON, and the old one stays (S1.13)."""
    passkey = stored_passkey(alice, nickname="Desk")
    path = f"/passkeys/{passkey.pk}/rename/"
    too_long = "This name is too long. Use at most 64 characters; some emoji count as several."
    response = browser.post(path, {"nickname": "x" * 65})
    assert response.status_code == 422
    assert too_long in response.content.decode()
    assert "x" * 65 in response.content.decode()
    response = post_json(browser, path, {"nickname": "x" * 65})
    assert response.status_code == 422
    assert response.json() == {"code": "invalid_nickname", "detail": too_long}
    for odd in (None, 5, ["x"], {"a": 1}):
        assert outcome(post_json(browser, path, {"nickname": odd})) == "malformed_request"
    passkey.refresh_from_db()
    assert passkey.nickname == "Desk"


@pytest.mark.parametrize("as_json", [True, False])
def test_deletes(alice: User, browser: Client, as_json: bool) -> None:
    """Deleting asks first, then removes this one; the browser is to sync (S1.14, S2.6, S0.8)."""
    kept, gone = stored_passkey(alice, nickname="Kept"), stored_passkey(alice, nickname="Gone")
    verify(browser, kept)
    path, flag = f"/passkeys/{gone.pk}/delete/", browser.session[FLAG]
    page = browser.get(path).content.decode()
    assert "You won’t be able to sign in with this passkey any more." in page
    assert "Kept" not in page
    assert Passkey.objects.count() == 2
    assert browser.session[FLAG] == flag
    response = post_json(browser, path) if as_json else browser.post(path)
    assert response.status_code == (204 if as_json else 302)
    assert response.headers.get("Location") == (None if as_json else "/passkeys/#otp-passkeys-news")
    assert list(Passkey.objects.all()) == [kept]
    assert browser.session[FLAG] != flag
    assert UserHandle.objects.get(user=alice).emptied_at is None
    again = post_json(browser, path) if as_json else browser.post(path)
    assert again.status_code == 404
    assert "This passkey is no longer in your account." in again.content.decode()
    assert as_json or "<h1" in again.content.decode().split("This passkey is already gone")[1]


class ByMail(Policy):
    """Alice may sign in by a link in a mail."""

    def other_ways_in(self, user: Any) -> list[str]:
        return ["e-mail"] if user.username == "alice" else []


@pytest.mark.parametrize("as_json", [True, False])
def test_keeps_the_last_way_in(
    alice: User, browser: Client, settings: Any, authenticator: Authenticator, as_json: bool
) -> None:
    """Without a password the last passkey stays, unless the site knows another way (P8)."""
    passkey = enrol(browser, authenticator)
    disabled = stored_passkey(alice, confirmed=False)
    lose_password(alice)
    browser.force_login(alice)
    verify(browser, passkey)

    def delete() -> Any:
        path = f"/passkeys/{passkey.pk}/delete/"
        return post_json(browser, path) if as_json else browser.post(path)

    response = delete()
    assert response.status_code == 409
    assert "This is your only way to sign in" in response.content.decode()
    if as_json:
        assert outcome(response) == "last_way_in"
    else:
        assert "Delete this passkey?" not in response.content.decode()
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.ByMail"
    assert delete().status_code == (204 if as_json else 302)
    assert list(Passkey.objects.all()) == [disabled]
