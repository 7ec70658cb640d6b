"""Deleting in the admin: the warning before somebody's only way in goes, the mail, the sync, the history."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.actions import delete_for
from otp_passkeys.exceptions import LastWayIn, PasskeyNotFound
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.policy import Policy

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn
from ..helpers.sync import fetch

LIST = "admin:otp_passkeys_passkey_changelist"
CHANGE = "admin:otp_passkeys_passkey_change"
WARNING = "is the only way in for alice."
SPARED = "These stay as they are"


class ByLetter(Policy):
    """Names a way in that only the site knows of."""

    def other_ways_in(self, user: User) -> list[str]:
        return ["letter"]


def page_of(passkey: Passkey) -> str:
    """Return the address of the page that deletes a passkey."""
    return reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk])


def selected(client: Client, *passkeys: Passkey, sure: bool = False) -> Any:
    """Choose the action that deletes, for some passkeys, and follow it to its page or back to the list."""
    data: dict[str, Any] = {
        "action": "delete_selected",
        "_selected_action": [one.pk for one in passkeys],
    }
    return client.post(reverse(LIST), data | ({"post": "yes"} if sure else {}), follow=True)


def messages(answer: Any) -> list[str]:
    """Return the messages on a page."""
    return [str(message) for message in answer.context["messages"]]


def test_only_way_in(admin_client: Client, carol: User) -> None:
    """P8: the page warns before the only way in goes, and deletes it where that has been read."""
    passkey = stored_passkey(carol, nickname="Blue")
    page: Any = admin_client.get(page_of(passkey), follow=True)
    assert f"“Blue” {WARNING}" in page.content.decode()
    address, _status = page.redirect_chain[-1]
    assert admin_client.post(address, {"post": "yes"}).status_code == 302
    assert not Passkey.objects.exists()
    assert UserHandle.objects.get().emptied_at is not None


def test_not_read_yet(admin_client: Client, carol: User) -> None:
    """P8: where it has become the only way in since the page was opened, the page comes again with the warning."""
    passkey, other = stored_passkey(carol), stored_passkey(carol)
    asked: Any = admin_client.get(page_of(passkey), follow=True)
    assert asked.redirect_chain == []
    assert WARNING not in asked.content.decode()
    other.delete()
    again: Any = admin_client.post(page_of(passkey), {"post": "yes"}, follow=True)
    assert WARNING in again.content.decode()
    assert Passkey.objects.get() == passkey
    assert not LogEntry.objects.exists()


def test_address_keeps_what_it_had(admin_client: Client, carol: User) -> None:
    """The way back to a filtered list is kept."""
    answer = admin_client.get(page_of(stored_passkey(carol)), {"_changelist_filters": "state=on"})
    assert answer.headers["Location"].endswith(
        "?_changelist_filters=state%3Don&even_the_only_way_in=1"
    )


@pytest.mark.parametrize("why", ["password", "passkey", "policy", "opens nothing"])
def test_other_ways(admin_client: Client, carol: User, settings: Any, why: str) -> None:
    """P8: the guard of the panel is asked, and the site's policy: nobody is warned without need."""
    passkey = stored_passkey(carol, second_step_only=why == "opens nothing")
    if why == "password":
        carol.set_password("secret")
        carol.save()
    elif why == "passkey":
        stored_passkey(carol)
    elif why == "policy":
        settings.OTP_PASSKEYS_POLICY = ByLetter
    assert WARNING not in admin_client.get(page_of(passkey)).content.decode()
    assert admin_client.post(page_of(passkey), {"post": "yes"}).status_code == 302
    assert not Passkey.objects.filter(pk=passkey.pk).exists()


def test_selected(admin_client: Client, carol: User, bob: User) -> None:
    """P8: the action says beforehand and afterwards what it leaves: of each user the newest passkey."""
    old, new, bobs = (
        stored_passkey(carol),
        stored_passkey(carol, nickname="New"),
        stored_passkey(bob),
    )
    page = selected(admin_client, old, new, bobs)
    (warning,) = messages(page)
    assert warning.startswith(SPARED)
    assert f'<a href="{reverse(CHANGE, args=[new.pk])}">New (alice)</a>' in warning
    assert list(page.context["queryset"].order_by("pk")) == [old, bobs]
    warning, done = messages(selected(admin_client, old, new, bobs, sure=True))
    assert warning.startswith(SPARED)
    assert done == "Successfully deleted 2 passkeys."
    assert Passkey.objects.get() == new
    entries = LogEntry.objects.filter(action_flag=DELETION)
    assert {entry.object_id for entry in entries} == {str(old.pk), str(bobs.pk)}


def test_selected_only_ways_in(admin_client: Client, carol: User) -> None:
    """Where nothing is left to delete, the list comes again, and says why."""
    answer = selected(admin_client, stored_passkey(carol))
    (warning,) = messages(answer)
    assert warning.startswith(SPARED)
    assert answer.redirect_chain == [(reverse(LIST), 302)]
    assert Passkey.objects.exists()


def test_selected_costs_little(
    admin_client: Client, alice: User, count: Callable[..., Any]
) -> None:
    """The page that asks reads the passkeys of each owner once, however many were chosen."""
    few = [stored_passkey(alice) for _ in range(2)]
    selected(admin_client, *few)
    with count() as before:
        selected(admin_client, *few)
    many = [*few, *(stored_passkey(alice) for _ in range(8))]
    with count(statements=len(before.statements)):
        selected(admin_client, *many)


@pytest.mark.parametrize("bulk", [False, True])
def test_mail(
    admin_client: Client,
    alice: User,
    mailoutbox: list[Any],
    bulk: bool,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """P11: the owner hears of it by mail, and not of the browser of a member of the staff."""
    passkey = stored_passkey(alice, nickname="Blue")
    with django_capture_on_commit_callbacks(execute=True):
        if bulk:
            selected(admin_client, passkey, sure=True)
        else:
            admin_client.post(page_of(passkey), {"post": "yes"})
    (mail,) = mailoutbox
    assert mail.to == ["alice@example.com"]
    assert "Blue" in mail.body


@pytest.mark.parametrize("bulk", [False, True])
def test_gone_meanwhile(admin_client: Client, alice: User, bulk: bool) -> None:
    """One that its owner deletes at the same moment is no error of the server."""
    passkey, other = stored_passkey(alice), stored_passkey(alice)

    def let_alice_delete(**_: Any) -> None:
        actions.delete(user=alice, pk=passkey.pk)

    post_save.connect(let_alice_delete, sender=LogEntry)
    try:
        if bulk:
            answer = selected(admin_client, passkey, sure=True)
        else:
            answer = admin_client.post(page_of(passkey), {"post": "yes"}, follow=True)
    finally:
        post_save.disconnect(let_alice_delete, sender=LogEntry)
    assert answer.status_code == 200
    assert Passkey.objects.get() == other


def test_action(alice: User, bob: User, carol: User, signed_in: SignedIn, rf: Any) -> None:
    """P8, S1.10: a site's own support page is refused the only way in, and another user's passkey."""
    request = rf.post("/")
    request.user = bob
    passkey = stored_passkey(carol)
    with pytest.raises(LastWayIn):
        delete_for(user=carol, pk=passkey.pk, request=request)
    with pytest.raises(PasskeyNotFound):
        delete_for(user=bob, pk=passkey.pk, request=request)
    deleted = delete_for(user=carol, pk=passkey.pk, request=request, even_the_only_way_in=True)
    assert deleted.user == carol
    assert not Passkey.objects.exists()


def test_own_browser(admin_user: User, alice: User, signed_in: SignedIn) -> None:
    """P14: of a page with passkeys of several owners, the browser is told of none that is not its user's."""
    mine = [stored_passkey(admin_user), stored_passkey(admin_user)]
    client = signed_in(admin_user)
    selected(client, mine[0], stored_passkey(alice), sure=True)
    assert fetch(client)["allAcceptedCredentialIds"] == [mine[1].id_base64url]
