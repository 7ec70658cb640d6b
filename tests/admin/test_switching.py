"""Switching passkeys off and on in the admin, and the warning before somebody's only way in is switched off."""

from typing import Any

import pytest
from django.contrib.admin.models import CHANGE as CHANGED
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.actions import switch
from otp_passkeys.exceptions import PasskeyNotFound
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.rows import stored_passkey
from ..helpers.steps import outcome

LIST = "admin:otp_passkeys_passkey_changelist"
CHANGE = "admin:otp_passkeys_passkey_change"
ALL_THE_SAME = "even_the_only_way_in"


def act(client: Client, action: str, *passkeys: Passkey) -> list[str]:
    """Choose an action of the list for some passkeys, and return the messages after it."""
    data = {"action": action, "_selected_action": [one.pk for one in passkeys]}
    answer: Any = client.post(reverse(LIST), data, follow=True)
    return [str(message) for message in answer.context["messages"]]


def save(client: Client, passkey: Passkey, **data: str) -> HttpResponse:
    """Save the page of a passkey."""
    return client.post(reverse(CHANGE, args=[passkey.pk]), {"nickname": passkey.nickname, **data})  # type: ignore[return-value]


def states() -> list[bool]:
    """Return which passkeys are switched on, in the order in which they were stored."""
    return list(Passkey.objects.order_by("pk").values_list("confirmed", flat=True))


def test_off_and_on(admin_client: Client, passkey: Passkey, authenticator: Authenticator) -> None:
    """P14, Y10: one that is switched off signs nobody in, and it does again when it is switched on."""
    (message,) = act(admin_client, "switch_off", passkey)
    assert message.startswith("Passkeys switched off: 1.")
    assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
    (message,) = act(admin_client, "switch_on", passkey)
    assert message.startswith("Passkeys switched on: 1.")
    assert outcome(sign_in(Client(), authenticator)) == "200"


def test_history(admin_client: Client, alice: User, bob: User) -> None:
    """P14: each change is in the history of its passkey, who made it and in which direction; no other is."""
    first, second = stored_passkey(alice), stored_passkey(bob, confirmed=False)
    act(admin_client, "switch_off", first, second)
    act(admin_client, "switch_on", first, second)
    save(admin_client, first)
    save(admin_client, first, confirmed="on", nickname="Blue")
    entries = LogEntry.objects.order_by("pk")
    assert {entry.action_flag for entry in entries} == {CHANGED}
    assert {entry.user.get_username() for entry in entries} == {"admin"}
    assert [(entry.object_id, entry.get_change_message()) for entry in entries] == [
        (str(first.pk), "Switched off."),
        (str(first.pk), "Switched on."),
        (str(second.pk), "Switched on."),
        (str(first.pk), "Switched off."),
        (str(first.pk), "Switched on. Nickname changed."),
    ]


@pytest.mark.each_set
@pytest.mark.parametrize("action", ["switch_off", "switch_on"])
def test_nothing_to_do(admin_client: Client, alice: User, action: str) -> None:
    """The page says so where all that was chosen is as it is to be."""
    passkey = stored_passkey(alice, confirmed=action == "switch_on")
    (message,) = act(admin_client, action, passkey)
    assert message.startswith("Nothing changed")
    assert not LogEntry.objects.exists()


def test_only_way_in_stays(admin_client: Client, carol: User, bob: User) -> None:
    """P8: the action leaves everybody a way in, the newest passkey, and names what it left with the way to it."""
    old, new, bobs = (
        stored_passkey(carol),
        stored_passkey(carol, nickname="New"),
        stored_passkey(bob),
    )
    left, done = act(admin_client, "switch_off", old, new, bobs)
    assert states() == [False, True, False]
    assert done.startswith("Passkeys switched off: 2.")
    assert "New (alice)" in left
    assert reverse(CHANGE, args=[new.pk]) in left
    assert "(bob)" not in left
    assert LogEntry.objects.count() == 2


def test_what_is_off_is_no_way_in(admin_client: Client, carol: User) -> None:
    """P8: a passkey that is switched off keeps nobody from being locked out."""
    stored_passkey(carol, confirmed=False)
    only = stored_passkey(carol)
    (left,) = act(admin_client, "switch_off", only)
    assert "These stay" in left
    assert states() == [False, True]


def test_page_asks_twice(admin_client: Client, carol: User) -> None:
    """P8: the page of the only way in has a second box, without which it is not switched off."""
    passkey = stored_passkey(carol)
    page = admin_client.get(reverse(CHANGE, args=[passkey.pk])).content.decode()
    assert f'name="{ALL_THE_SAME}"' in page
    refused = save(admin_client, passkey)
    assert refused.status_code == 200
    assert "This is the only way in for its owner." in refused.content.decode()
    assert states() == [True]
    assert save(admin_client, passkey, **{ALL_THE_SAME: "on"}).status_code == 302
    assert states() == [False]


def test_page_asks_twice_where_it_is_new(admin_client: Client, carol: User) -> None:
    """P8: where it has become the only way in since the page was opened, the page comes again with the second box."""
    passkey, other = stored_passkey(carol), stored_passkey(carol)
    url = reverse(CHANGE, args=[passkey.pk])
    assert ALL_THE_SAME not in admin_client.get(url).content.decode()
    other.delete()
    assert f'name="{ALL_THE_SAME}"' in save(admin_client, passkey).content.decode()
    assert states() == [True]


def test_page_of_the_only_way_in_is_renamed(admin_client: Client, carol: User) -> None:
    """The second box is in nobody's way who changes the name."""
    passkey = stored_passkey(carol)
    assert save(admin_client, passkey, nickname="Blue", confirmed="on").status_code == 302
    assert Passkey.objects.get().nickname == "Blue"


@pytest.mark.parametrize("fields", [{"confirmed": False}, {"rp_id": "old.example"}])
def test_page_asks_once(admin_client: Client, carol: User, fields: dict[str, Any]) -> None:
    """There is no second box where the passkey opens nothing."""
    passkey = stored_passkey(carol, **fields)
    assert ALL_THE_SAME not in admin_client.get(reverse(CHANGE, args=[passkey.pk])).content.decode()


def test_gone_meanwhile(admin_client: Client, alice: User, bob: User) -> None:
    """One that its owner has deleted since is passed over."""
    first, second = stored_passkey(alice), stored_passkey(bob)

    def let_bob_delete(**_: Any) -> None:
        actions.delete(user=bob, pk=second.pk)

    post_save.connect(let_bob_delete, sender=LogEntry)  # when alice's is switched off
    try:
        (message,) = act(admin_client, "switch_off", first, second)
    finally:
        post_save.disconnect(let_bob_delete, sender=LogEntry)
    assert message.startswith("Passkeys switched off: 1.")
    assert states() == [False]


def test_of_another(alice: User, bob: User) -> None:
    """S1.10: the action takes a passkey of the user who is named, and no other."""
    with pytest.raises(PasskeyNotFound):
        switch(user=bob, pk=stored_passkey(alice).pk, on=False)
    assert states() == [True]
