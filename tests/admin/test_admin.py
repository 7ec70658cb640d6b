"""The admin: passkeys are looked at, switched off and deleted; nothing of the key is edited."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from otp_passkeys.admin import PasskeyAdmin
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.signals import passkey_deleted, passkey_renamed
from otp_passkeys.sync import FLAG
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.signals import sent
from ..helpers.steps import SignedIn
from ..helpers.sync import fetch, settle, synchronise

LIST = "admin:otp_passkeys_passkey_changelist"
CHANGE = "admin:otp_passkeys_passkey_change"
DELETE = "admin:otp_passkeys_passkey_delete"


@pytest.fixture
def root(db: None) -> User:
    """Make the administrator."""
    return User.objects.create_superuser("root", "root@example.com", "secret")


@pytest.fixture
def office(root: User, signed_in: SignedIn) -> Client:
    """Return the administrator's browser, in step."""
    client = signed_in(root)
    settle(client)
    return client


@pytest.fixture
def passkey(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Return alice's passkey."""
    client = signed_in(alice)
    answer = register(client, authenticator, nickname="Blue", aaguid=ONE_PASSWORD)
    assert answer.status_code == 201
    return Passkey.objects.get()


def found(client: Client, query: str) -> set[int]:
    """Return the keys of the rows that a search shows."""
    answer = client.get(reverse(LIST), {"q": query})
    assert answer.status_code == 200
    return {each.pk for each in answer.context["cl"].result_list}


def test_pages(office: Client, passkey: Passkey) -> None:
    """S1.8: list and page show owner, name and provider; neither shows the public key."""
    for url in (reverse(LIST), reverse(CHANGE, args=[passkey.pk])):
        text = office.get(url).content.decode()
        assert "alice" in text
        assert "1Password" in text
        assert "Blue" in text
    assert passkey.id_base64url in text
    assert "public_key" not in text


# What the page shows of a column under another name.
SHOWN_AS = {
    "created_at": "added_at",
    "last_used_at": "last_use",
    "credential_id": "id_base64url",
    "backup_state": "synced",
}
# What says nothing to anybody who looks at it.
NOT_SHOWN = {"id", "credential_key", "public_key", "handle", "handle_candidates", "number"}


def test_each_column_is_shown(root: User, rf: RequestFactory, passkey: Passkey) -> None:
    """The page shows all that is known of a passkey; a column that it leaves out is left out on purpose."""
    request = rf.get("/")
    request.user = root
    fieldsets = PasskeyAdmin(Passkey, admin.site).get_fieldsets(request, passkey)
    shown = set(flatten_fieldsets(fieldsets))
    columns = {field.name for field in Passkey._meta.concrete_fields}
    assert {one for one in columns - NOT_SHOWN if SHOWN_AS.get(one, one) not in shown} == set()
    assert not NOT_SHOWN & shown


def test_list_does_not_grow(
    office: Client, passkey: Passkey, count: Callable[..., Any], eve: User, bob: User
) -> None:
    """A row costs no query of its own."""
    with count() as one:
        office.get(reverse(LIST))
    for user in (eve, bob):
        stored_passkey(user)
    with count(statements=len(one.statements)):
        office.get(reverse(LIST))


@pytest.mark.parametrize("query", ["alice", "alice@example", "blue", ONE_PASSWORD, "bada5566"])
def test_search(office: Client, passkey: Passkey, eve: User, query: str) -> None:
    """Support finds a passkey by its owner's user name and e-mail, its nickname and its AAGUID."""
    stored_passkey(eve)
    assert found(office, query) == {passkey.pk}


def test_search_without_email_field(
    office: Client, passkey: Passkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0.21: a user model without an e-mail field is searched by what it has."""
    monkeypatch.setattr(User, "EMAIL_FIELD", "there_is_none")
    assert found(office, "alice") == {passkey.pk}
    assert found(office, "alice@example.com") == set()


def test_no_adding(office: Client) -> None:
    """P14: only a ceremony makes a passkey."""
    add = reverse("admin:otp_passkeys_passkey_add")
    assert office.get(add).status_code == 403
    assert office.post(add, {}).status_code == 403
    assert add not in office.get(reverse(LIST)).content.decode()


def test_what_can_be_edited(root: User, passkey: Passkey) -> None:
    """P14: of all fields of the model the form has two."""
    request = HttpRequest()
    request.user = root
    model_admin = PasskeyAdmin(Passkey, admin.site)
    form = model_admin.get_form(request, passkey)(instance=passkey)
    assert list(form.fields) == ["nickname", "confirmed"]


def test_editing_changes_nothing_else(
    office: Client, passkey: Passkey, root: User, authenticator: Authenticator
) -> None:
    """P14: posting an ID, key, counter, owner or AAGUID changes none of them."""
    before = Passkey.objects.filter(pk=passkey.pk).values().get()
    forged = {
        "user": root.pk, "credential_id": secrets.token_hex(16), "credential_key": "0" * 32,
        "public_key": "x", "sign_count": 77, "aaguid": "x", "rp_id": "evil.test",
        "transports": '["usb"]', "backup_state": "", "discoverable": "",
        "created_at": "2000-01-01", "last_used_at": "2000-01-01",
    }  # fmt: skip
    data = {"nickname": "Green", "confirmed": "on", **forged}
    assert office.post(reverse(CHANGE, args=[passkey.pk]), data).status_code == 302
    after = Passkey.objects.filter(pk=passkey.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"nickname"}
    assert sign_in(Client(), authenticator).status_code == 200


def test_switching_off(office: Client, passkey: Passkey, authenticator: Authenticator) -> None:
    """P14, Y10: a passkey that is switched off signs nobody in, and stays in the browser."""
    office.post(reverse(CHANGE, args=[passkey.pk]), {"nickname": "Blue"})
    answer = sign_in(Client(), authenticator)
    assert (answer.status_code, answer.json()["code"]) == (403, "credential_disabled")
    assert "signal" not in answer.json()


def test_use_meanwhile_is_kept(root: User, passkey: Passkey) -> None:
    """Saving the page writes back no stale sign count: the passkey may have been used meanwhile."""
    model_admin = PasskeyAdmin(Passkey, admin.site)
    stale = Passkey.objects.get()
    request = HttpRequest()
    request.user = root
    form = model_admin.get_form(request, stale)({"nickname": "Green"}, instance=stale)
    Passkey.objects.update(sign_count=9)
    assert form.is_valid()
    model_admin.save_model(request, form.save(commit=False), form, change=True)
    assert Passkey.objects.values_list("nickname", "sign_count").get() == ("Green", 9)


@pytest.mark.parametrize("nickname", ["\u202eeulb", "\u200b", "a\u0007"])
def test_nickname_rules(office: Client, passkey: Passkey, nickname: str) -> None:
    """S1.13, P5: a nickname that its owner could not give, support cannot give either."""
    data = {"nickname": nickname, "confirmed": "on"}
    assert office.post(reverse(CHANGE, args=[passkey.pk]), data).status_code == 200
    assert Passkey.objects.get().nickname == "Blue"


@pytest.mark.django_db(transaction=True)
def test_renaming_is_announced(office: Client, passkey: Passkey, alice: User) -> None:
    """Receivers hear of a new nickname, and not of a page that was saved unchanged."""
    with sent(passkey_renamed) as calls:
        for nickname in ("Blue", "Green"):
            data = {"nickname": nickname, "confirmed": "on"}
            office.post(reverse(CHANGE, args=[passkey.pk]), data)
    (call,) = calls
    assert (call["user"], call["passkey"].nickname) == (alice, "Green")


def delete(office: Client, passkey: Passkey, *, bulk: bool) -> None:
    """Delete a passkey on its page, or by the action of the list, and confirm."""
    data = {"post": "yes"}
    url = reverse(DELETE, args=[passkey.pk])
    if bulk:
        url = reverse(LIST)
        data |= {"action": "delete_selected", "_selected_action": str(passkey.pk)}
    assert office.post(url, data).status_code == 302
    assert not Passkey.objects.filter(pk=passkey.pk).exists()


@pytest.mark.parametrize("bulk", [False, True])
def test_deletion_reaches_the_owner(
    office: Client,
    passkey: Passkey,
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    bulk: bool,
) -> None:
    """S0.23, S0.24, P14: the owner's browser forgets it at its next sync; the admin's does nothing."""
    delete(office, passkey, bulk=bulk)
    assert FLAG not in office.session
    assert fetch(office).keys() == {"token", "csrfHeader", "csrfToken"}
    assert UserHandle.objects.get(user=alice).emptied_at is not None
    synchronise(signed_in(alice), authenticator)
    assert authenticator.credentials == []


@pytest.mark.parametrize("bulk", [False, True])
def test_deletion_of_own(office: Client, root: User, bulk: bool) -> None:
    """P14: an administrator who is the owner has the browser to sync."""
    delete(office, stored_passkey(root), bulk=bulk)
    assert FLAG in office.session
    assert fetch(office)["allAcceptedCredentialIds"] == []


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.django_db(transaction=True)
def test_deletion_is_announced(office: Client, passkey: Passkey, alice: User, bulk: bool) -> None:
    """P11, P14: receivers hear of it as of any deletion, once, after the commit."""
    within: list[bool] = []

    def note(**_: Any) -> None:
        within.append(connection.in_atomic_block)

    passkey_deleted.connect(note)
    try:
        with sent(passkey_deleted) as calls:
            delete(office, passkey, bulk=bulk)
    finally:
        passkey_deleted.disconnect(note)
    (call,) = calls
    assert (call["sender"], call["user"]) == (Passkey, alice)
    assert call["request"].path.startswith("/admin/")
    assert call["passkey"].nickname == "Blue"
    assert within == [False]
