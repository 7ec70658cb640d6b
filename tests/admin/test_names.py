"""What the admin calls a passkey, and what its list and pages show to whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import to_base64url

from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey, stored_passkeys
from ..helpers.steps import SignedIn

LIST = "admin:otp_passkeys_passkey_changelist"
CHANGE = "admin:otp_passkeys_passkey_change"


@pytest.fixture
def viola(db: None) -> User:
    """Make a member of the staff who may look at passkeys and no more."""
    viola = User.objects.create_user("viola", is_staff=True)
    viola.user_permissions.set(Permission.objects.filter(codename="view_passkey"))
    return viola


def test_object_names(admin_client: Client, alice: User) -> None:
    """S2.7: every page and the history name the passkey with its owner."""
    passkey = stored_passkey(alice, nickname="Blue")
    assert str(passkey) == "Blue (alice)"
    for page in ("change", "delete", "history"):
        text = admin_client.get(
            reverse(f"admin:otp_passkeys_passkey_{page}", args=[passkey.pk])
        ).content.decode()
        assert "Blue (alice)" in text.partition('class="breadcrumbs"')[2].partition("</nav>")[0]
        assert "Blue (alice)" in text.partition('id="content"')[2]
    admin_client.post(
        reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk]), {"post": "yes"}
    )
    assert LogEntry.objects.get().object_repr == "Blue (alice)"


def test_longest_names_fit_the_history(admin_client: Client, db: None) -> None:
    """The admin keeps 200 characters: in the longest name neither passkey nor owner is lost."""
    owner = User.objects.create_user("w" * 150, password="secret")
    passkey = stored_passkey(owner, nickname="N" * 64, number=2)
    url = reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk])
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert LogEntry.objects.get().object_repr == f"{'N' * 64} 2 ({'w' * 99}…)"


def test_no_owner() -> None:
    """A passkey that is not stored yet has a name too, in a shell say."""
    assert str(Passkey(nickname="Blue")) == "Blue"


def test_list(admin_client: Client, alice: User) -> None:
    """Five columns, in words; a long name has the whole of it in its title, and a short one no title."""
    nickname = "The key that hangs beside the door"
    stored_passkey(alice, nickname=nickname, aaguid=ONE_PASSWORD, confirmed=False)
    answer = admin_client.get(reverse(LIST))
    assert answer.context["cl"].list_display[1:] == [
        "passkey", "owner", "state", "added", "last_used",
    ]  # fmt: skip
    text = answer.content.decode()
    assert f'title="{nickname}">{nickname}</span>' in text
    assert '<span class="otp-passkeys-cut">alice</span>' in text
    for words in ("1Password", "Switched off", "Never used"):
        assert words in text


def test_markup_in_a_name(admin_client: Client, alice: User) -> None:
    """P5: a nickname is text, in the list and in its title."""
    stored_passkey(alice, nickname='"><script>alert(1)</script>')
    assert "<script>alert" not in admin_client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Switched on"),
        ({"confirmed": False}, "Switched off"),
        ({"rp_id": "old.example"}, "For another address"),
        ({"second_step_only": True}, "Second step only"),
    ],
)
def test_state(admin_client: Client, alice: User, fields: dict[str, Any], words: str) -> None:
    """S2.7: the list says whether a passkey may be used, and why not."""
    stored_passkey(alice, **fields)
    text = admin_client.get(reverse(LIST)).content.decode().partition("<tbody>")[2]
    assert f'">{words}</span>' in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"state": "on"}, {"synced", "not yet", "bound"}),
        ({"state": "off"}, {"off"}),
        ({"saved": "synced"}, {"synced"}),
        ({"saved": "not-yet"}, {"not yet"}),
        ({"saved": "one-device"}, {"bound", "off"}),
        ({"saved": "what nobody offers"}, {"synced", "not yet", "bound", "off"}),
    ],
)
def test_filters(admin_client: Client, alice: User, query: dict[str, str], names: set[str]) -> None:
    """The filters have the panel's words, and each finds what it says."""
    stored_passkey(alice, nickname="synced", backup_eligible=True, backup_state=True)
    stored_passkey(alice, nickname="not yet", backup_eligible=True)
    stored_passkey(alice, nickname="bound")
    stored_passkey(alice, nickname="off", confirmed=False)
    rows = admin_client.get(reverse(LIST), query).context["cl"].result_list
    assert {row.nickname for row in rows} == names


@pytest.mark.parametrize("column", range(1, 6))
def test_sorting(admin_client: Client, alice: User, bob: User, column: int) -> None:
    """Each column sorts, the owner's by the username."""
    stored_passkeys(bob, ["a"])
    stored_passkeys(alice, ["b"])
    rows = admin_client.get(reverse(LIST), {"o": str(column)}).context["cl"].result_list
    assert len(rows) == 2
    if column == 2:
        assert [row.user for row in rows] == [alice, bob]


def test_cost(admin_client: Client, alice: User, bob: User, count: Callable[..., Any]) -> None:
    """The list costs six statements, however many passkeys and owners there are: session, user, two counts, rows."""
    admin_client.get(reverse(LIST))  # content types are read once
    stored_passkeys(alice, map(str, range(30)))
    stored_passkeys(bob, map(str, range(30)))
    with count(statements=6):
        assert admin_client.get(reverse(LIST)).context["cl"].result_count == 60


def test_view_permission(signed_in: SignedIn, viola: User, alice: User) -> None:
    """P14: staff who may only look see no credential ID, key or handle, and can change and delete nothing."""
    passkey = stored_passkey(alice, nickname="Blue", public_key=b"the public key of alice")
    client = signed_in(viola)
    secrets = (bytes(passkey.credential_id), bytes(passkey.public_key))
    handle = bytes(UserHandle.objects.get().handle)
    for url in (reverse(LIST), reverse(CHANGE, args=[passkey.pk])):
        text = client.get(url).content.decode()
        assert "Blue" in text
        for secret in (*secrets, handle):
            assert to_base64url(secret) not in text
            assert secret.hex() not in text
        for control in ("switch_off", "delete", 'name="nickname"', "even_the_only_way_in"):
            assert control not in text
    for action in ("switch_off", "switch_on", "delete_selected"):
        data = {"action": action, "_selected_action": [passkey.pk], "post": "yes"}
        client.post(reverse(LIST), data)
    for page in ("change", "delete"):
        url = reverse(f"admin:otp_passkeys_passkey_{page}", args=[passkey.pk])
        assert client.post(url, {"post": "yes"}).status_code == 403
    assert Passkey.objects.get().confirmed


def test_change_permission(admin_client: Client, alice: User) -> None:
    """S1.8: staff who may change a passkey can compare its credential ID with a log; nobody sees a key or handle."""
    passkey = stored_passkey(alice, public_key=b"the public key of alice")
    text = admin_client.get(reverse(CHANGE, args=[passkey.pk])).content.decode()
    assert passkey.id_base64url in text
    for secret in (bytes(passkey.public_key), bytes(UserHandle.objects.get().handle)):
        assert to_base64url(secret) not in text


def test_staff_without_permission(signed_in: SignedIn, alice: User, eve: User) -> None:
    """P14: staff see and delete only what they are permitted to."""
    passkey = stored_passkey(alice)
    User.objects.filter(pk=eve.pk).update(is_staff=True)
    client = signed_in(User.objects.get(pk=eve.pk))
    for url in (reverse(LIST), reverse("admin:otp_passkeys_passkey_delete", args=[passkey.pk])):
        assert client.post(url, {"post": "yes"}).status_code == 403
    assert Passkey.objects.exists()
