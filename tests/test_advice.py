"""What the panel advises: one thing at a time, and nothing when all is well."""

import dataclasses
import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.timezone import now

from otp_passkeys.advice import Advice, for_passkeys
from otp_passkeys.models import Passkey

from .helpers.rows import stored_passkey
from .helpers.steps import SignedIn

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
SYNCED = {"backup_eligible": True, "backup_state": True}
NOT_BACKED_UP = {"backup_eligible": True, "backup_state": False}


def stored(
    user: User, nickname: str, *, created: int | None = 1, used: int | None = None, **fields: Any
) -> Passkey:
    """Store a passkey that was made and used so many days ago."""
    passkey = stored_passkey(user, nickname=nickname, **fields)
    dates = {
        name: None if days is None else NOW - datetime.timedelta(days=days)
        for name, days in (("created_at", created), ("last_used_at", used))
    }
    Passkey.objects.filter(pk=passkey.pk).update(**dates)
    return passkey


def advised(user: User) -> tuple[str, str] | None:
    """Return the key of the advice to a user, and whose passkey it is about."""
    advice = for_passkeys(Passkey.objects.for_user(user), NOW)
    return (advice.key, advice.passkey.nickname) if advice else None


def test_nothing_to_advise(alice: User) -> None:
    """S1.1: without a passkey, and with passkeys that are in order, nobody is bothered."""
    assert advised(alice) is None
    stored(alice, "Phone", **SYNCED)
    assert advised(alice) is None
    stored(alice, "Key")
    stored(alice, "Second key")
    assert advised(alice) is None


def test_not_backed_up(alice: User) -> None:
    """S1.2: a passkey that could be backed up and is not would be lost with its device."""
    stored(alice, "Phone", **SYNCED)
    stored(alice, "Tablet", **NOT_BACKED_UP)
    assert advised(alice) == ("not_backed_up", "Tablet")
    Passkey.objects.filter(nickname="Tablet").update(backup_state=True)
    assert advised(alice) is None


@pytest.mark.parametrize(
    ("fields", "advice"),
    [({}, ("only_one_device", "Key")), (SYNCED, None), (NOT_BACKED_UP, ("not_backed_up", "Key"))],
    ids=["bound to a device", "synced", "no backup"],
)
def test_only_passkey(alice: User, eve: User, fields: Any, advice: Any) -> None:
    """S1.2: a user's only passkey, if it cannot be backed up, is one accident away from none.

    Another user's passkey, and one that is switched off, is no second one.
    """
    stored(alice, "Key", **fields)
    stored(eve, "Hers", **SYNCED)
    stored(alice, "Off", confirmed=False, **SYNCED)
    assert advised(alice) == advice


@pytest.mark.parametrize(
    ("created", "used", "expected"),
    [
        (366, None, True), (365, None, False), (900, 366, True), (900, 365, False),
        (900, 1, False), (None, 366, True), (None, None, False),
    ],
)  # fmt: skip
def test_unused(alice: User, created: int | None, used: int | None, expected: bool) -> None:
    """S1.2: a passkey that nobody used for a year; a row without dates says nothing (S2.3)."""
    stored(alice, "New", **SYNCED)
    stored(alice, "Old", created=created, used=used, **SYNCED)
    assert advised(alice) == (("unused", "Old") if expected else None)


def test_longest_unused_first(alice: User) -> None:
    """S1.2: of several the one that lay longest, whatever the order of the list."""
    stored(alice, "Older", created=2000, used=500, **SYNCED)
    stored(alice, "Oldest", created=1000, used=900, **SYNCED)
    assert advised(alice) == ("unused", "Oldest")


def test_order(alice: User) -> None:
    """S1.2: one piece of advice only, the most urgent: what may be lost, then what may be tidied."""
    stored(alice, "Old", created=900)
    assert advised(alice) == ("only_one_device", "Old")
    stored(alice, "Phone", **NOT_BACKED_UP)
    assert advised(alice) == ("not_backed_up", "Phone")
    Passkey.objects.filter(nickname="Phone").update(backup_state=True)
    assert advised(alice) == ("unused", "Old")


def test_disabled(alice: User) -> None:
    """S1.2: nothing is advised about a passkey that is switched off."""
    stored(alice, "Phone", **SYNCED)
    stored(alice, "Off", confirmed=False, created=900, **NOT_BACKED_UP)
    assert advised(alice) is None


def test_text_names_the_passkey(alice: User) -> None:
    """S1.2: the advice says which passkey it is about, by the name in the list."""
    for _ in range(2):
        stored(alice, "Phone", **NOT_BACKED_UP)
    Passkey.objects.filter(pk=Passkey.objects.for_user(alice)[0].pk).update(backup_state=True)
    advice = for_passkeys(Passkey.objects.for_user(alice), NOW)
    assert advice is not None
    assert "“Phone 2”" in advice.text


def test_cannot_be_changed(alice: User) -> None:
    """What one template does to an advice must not reach another."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Advice("unused", "", stored(alice, "Phone")).key = "x"  # type: ignore[misc]


def test_costs_no_statement(alice: User, django_assert_num_queries: Any) -> None:
    """S1.2: the list is read once, and the advice is in it."""
    stored(alice, "Old", created=900)
    passkeys = Passkey.objects.for_user(alice)
    with django_assert_num_queries(0):
        assert for_passkeys(passkeys, now())


def test_panel_and_list(alice: User, signed_in: SignedIn) -> None:
    """S1.4, S1.17: the page and the JSON list hold the same advice."""
    client, url = signed_in(alice), reverse("otp_passkeys:list")
    json = {"Accept": "application/json"}
    assert client.get(url, headers=json).json()["advice"] is None
    assert client.get(url).context["advice"] is None
    stored(alice, "<i>Phone", **NOT_BACKED_UP)
    listed = client.get(url, headers=json).json()["advice"]
    page = client.get(url)
    advice = page.context["advice"]
    assert listed == {"key": advice.key, "text": advice.text}
    assert listed["key"] == "not_backed_up"
    assert "“<i>Phone”" in listed["text"]
    assert "<i>Phone" not in page.content.decode()
