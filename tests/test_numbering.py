"""Numbers that tell equal names apart: given with a name, and the same when another passkey goes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from otp_passkeys import actions
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register

from .helpers.registries import ONE_PASSWORD
from .helpers.rows import stored_passkey
from .helpers.steps import SignedIn

UNKNOWN = "Unknown passkey provider"


def names(user: User) -> list[str]:
    """Return what a user reads in the list."""
    return [passkey.name for passkey in Passkey.objects.for_user(user)]


def add(client: Client, nickname: str = "") -> str:
    """Add a passkey, and return what the answer calls it."""
    answered = register(client, Authenticator(), nickname=nickname)
    assert answered.status_code == 201
    return str(answered.json()["name"])


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_stay(alice: User, signed_in: SignedIn, gone: int) -> None:
    """S3.4: when one of three goes, the others are called what they were; the next number is one more."""
    client = signed_in(alice)
    before = [add(client, "Key") for _ in range(3)]
    assert before == ["Key", "Key 2", "Key 3"]
    Passkey.objects.order_by("pk")[gone].delete()
    left = [name for place, name in enumerate(before) if place != gone]
    assert names(alice) == left
    # The session of before ended with the passkey that verified it.
    assert add(signed_in(alice), "Key") == ("Key 3" if gone == 2 else "Key 4")


def test_registration_answers_with_it(alice: User, eve: User, signed_in: SignedIn) -> None:
    """S3.4: providers' names are numbered as well, and only among the owner's."""
    add(signed_in(eve))
    client = signed_in(alice)
    assert [add(client) for _ in range(2)] == [UNKNOWN, f"{UNKNOWN} 2"]
    assert names(alice) == [UNKNOWN, f"{UNKNOWN} 2"]


def test_rename(alice: User, browser: Client) -> None:
    """S3.4: a new name has a new number; the name that it had leaves a gap."""
    for nickname in ("Key", "Key", "Key", "Phone"):
        add(browser, nickname)
    second, fourth = Passkey.objects.order_by("pk")[1::2]
    assert actions.rename(user=alice, pk=second.pk, nickname="Phone").name == "Phone 2"
    assert names(alice) == ["Key", "Phone 2", "Key 3", "Phone"]
    assert actions.rename(user=alice, pk=fourth.pk, nickname="Key").name == "Key 4"


def test_same_name_again(alice: User, browser: Client) -> None:
    """S3.4: who saves the name that a passkey has changes nothing."""
    for nickname in ("Key", "Key", ""):
        add(browser, nickname)
    first, second, unnamed = Passkey.objects.order_by("pk")
    for passkey, name in ((first, "Key"), (second, "Key 2"), (unnamed, UNKNOWN)):
        again = actions.rename(user=alice, pk=passkey.pk, nickname=passkey.nickname)
        assert again.name == name
    assert names(alice) == ["Key", "Key 2", UNKNOWN]


def test_same_name_by_its_provider(alice: User) -> None:
    """S3.4: a nickname that is what the provider is called anyway is the same name."""
    stored_passkey(alice, aaguid=ONE_PASSWORD)
    second = stored_passkey(alice, aaguid=ONE_PASSWORD, number=2)
    assert actions.rename(user=alice, pk=second.pk, nickname="1Password").name == "1Password 2"


def test_admin(alice: User, admin_client: Client) -> None:
    """S3.4: so it is where support renames."""
    stored_passkey(alice, nickname="Key")
    passkey = stored_passkey(alice, nickname="Phone")
    url = reverse("admin:otp_passkeys_passkey_change", args=[passkey.pk])
    for nickname, name in (("Key", "Key 2"), ("Key", "Key 2"), ("Phone", "Phone")):
        posted = admin_client.post(url, {"nickname": nickname, "confirmed": "on"})
        assert posted.status_code == 302
        passkey.refresh_from_db()
        assert (passkey.name, names(alice)) == (name, ["Key", name])


def test_nickname_that_reads_like_a_number(alice: User, browser: Client) -> None:
    """P12: whichever comes first, no two read the same, and none is called otherwise later."""
    assert [add(browser, one) for one in ("Key", "Key", "Key 2")] == ["Key", "Key 2", "Key 2 2"]
    assert add(browser, "Key 3") == "Key 3"
    assert add(browser, "Key") == "Key 4"
    assert add(browser, "Key 2") == "Key 2 3"
    before = names(alice)
    Passkey.objects.order_by("pk")[1].delete()
    assert names(alice) == [name for name in before if name != "Key 2"]


def test_tabs_at_once(alice: User) -> None:
    """P12: two tabs that gave one number are told apart; what is stored stays, and so does a third's number."""
    for number in (1, 1, 2, 2):
        stored_passkey(alice, nickname="Key", number=number)
    assert names(alice) == ["Key", "Key 3", "Key 2", "Key 4"]
    assert list(Passkey.objects.order_by("pk").values_list("number", flat=True)) == [1, 1, 2, 2]


def test_nickname_is_read_as_it_was_typed(alice: User) -> None:
    """P12: where a nickname reads like a numbered name, it is the other that is shown with another number."""
    for nickname, number in (("Key", 1), ("Key", 2), ("Key 2", 1)):
        stored_passkey(alice, nickname=nickname, number=number)
    assert names(alice) == ["Key", "Key 3", "Key 2"]


def test_next_number_after_a_tie(alice: User, signed_in: SignedIn) -> None:
    """P12: what is shown only is taken as well."""
    for _ in range(2):
        stored_passkey(alice, nickname="Key")
    client = signed_in(alice)
    assert add(client, "Key") == "Key 3"
    assert names(alice) == ["Key", "Key 2", "Key 3"]


def test_provider_that_is_renamed(alice: User) -> None:
    """P12: names that were two when they were given, and are one in another language, are told apart there."""
    with translation.override("de"):
        unknown = stored_passkey(alice).name
    stored_passkey(alice, nickname=unknown)
    assert names(alice) == [UNKNOWN, unknown]
    with translation.override("de"):
        assert names(alice) == [unknown, f"{unknown} 2"]


@pytest.mark.database_sessions
@pytest.mark.django_db(transaction=True)
def test_renaming_costs_no_more(
    alice: User, signed_in: SignedIn, count: Callable[..., Any]
) -> None:
    """S3.4: the number is found among rows that are read anyway, and written with the name."""
    passkey = stored_passkey(alice)
    stored_passkey(alice, nickname="Key")
    with count(statements=2, commits=1):
        assert actions.rename(user=alice, pk=passkey.pk, nickname="Key").name == "Key 2"
