"""A user's passkeys on the admin's page of the user, as a site adds them, in an admin site of any name."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import path, reverse

from otp_passkeys.admin import PasskeyAdmin, PasskeyInline
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import to_base64url

from .. import urls
from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey, stored_passkeys
from ..helpers.steps import SignedIn


class UserWithPasskeys(UserAdmin):  # type: ignore[type-arg]
    """What a site writes."""

    inlines = (PasskeyInline,)


office, shop = AdminSite("office"), AdminSite("shop")
for site in (office, shop):
    site.register(User, UserWithPasskeys)
office.register(Passkey, PasskeyAdmin)
urlpatterns = [*urls.urlpatterns, path("office/", office.urls), path("shop/", shop.urls)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def page_of(user: User, name: str = "office") -> str:
    """Return the address of the admin's page of a user."""
    return reverse(f"{name}:auth_user_change", args=[user.pk])


def listed(client: Client, url: str) -> str:
    """Return the part of a page that lists passkeys."""
    page = client.get(url).content.decode()
    return page.partition('id="passkeys-group"')[2].partition("submit-row")[0]


def test_listed(admin_client: Client, alice: User, eve: User) -> None:
    """S2.7: support reads on the user's page what it needs, of this user's passkeys alone, with the way to each."""
    passkey = stored_passkey(alice, nickname="Blue", aaguid=ONE_PASSWORD, confirmed=False)
    stored_passkey(eve, nickname="Eve's")
    text = listed(admin_client, page_of(alice))
    for words in (
        "Blue",
        "1Password",
        "Switched off",
        "On one device or security key",
        "Never used",
        "It is switched off: it signs nobody in until it is switched on in the admin.",
    ):
        assert words in text
    assert f'href="{reverse("office:otp_passkeys_passkey_change", args=[passkey.pk])}"' in text
    assert "Eve" not in text


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "Nothing keeps it from working."),
        ({"rp_id": "old.example"}, "It was made for another RP ID"),
        ({"discoverable": False}, "The authenticator keeps no name with it"),
        ({"backup_eligible": None}, "Not known yet"),
        (
            {"sign_count_fell_at": datetime.datetime(2026, 5, 3, tzinfo=datetime.timezone.utc)},
            "Its sign count fell on May 3, 2026",
        ),
    ],
)
def test_remarks(admin_client: Client, alice: User, fields: dict[str, Any], reason: str) -> None:
    """S2.7: what ``manage.py passkeys`` says of a passkey stands there, and on the passkey's own page."""
    passkey = stored_passkey(alice, **fields)
    assert reason in listed(admin_client, page_of(alice))
    change = reverse("office:otp_passkeys_passkey_change", args=[passkey.pk])
    assert reason in admin_client.get(change).content.decode()


def test_account(admin_client: Client, alice: User) -> None:
    """S2.7: it also says that the account signs in with no passkey at all."""
    stored_passkey(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert "The account is inactive: no passkey" in listed(admin_client, page_of(alice))


def test_names_apart(admin_client: Client, alice: User) -> None:
    """S2.1: equal names are numbered as the owner sees them, oldest first."""
    stored_passkeys(alice, ["Key", "Key"])
    text = listed(admin_client, page_of(alice))
    assert 0 < text.index(">Key<") < text.index(">Key 2<")


def test_saving_the_user_changes_no_passkey(admin_client: Client, alice: User) -> None:
    """P14: the list is to look at: whatever a form says, no passkey is changed, added or deleted."""
    passkey = stored_passkey(alice, nickname="Blue")
    before = Passkey.objects.values().get()
    data = {
        "username": "alice2", "date_joined_0": "2026-01-01", "date_joined_1": "12:00",
        "passkeys-TOTAL_FORMS": "2", "passkeys-INITIAL_FORMS": "1", "passkeys-0-id": passkey.pk,
        "passkeys-0-user": alice.pk, "passkeys-0-DELETE": "on", "passkeys-0-nickname": "Red",
        "passkeys-0-confirmed": "", "passkeys-1-nickname": "Planted",
    }  # fmt: skip
    assert admin_client.post(page_of(alice), data).status_code == 302
    assert User.objects.get(pk=alice.pk).username == "alice2"
    assert Passkey.objects.values().get() == before


def test_permissions(signed_in: SignedIn, alice: User) -> None:
    """P14: staff who may see users but no passkeys see none; who may see both sees no ID, key or handle."""
    passkey = stored_passkey(alice, nickname="Blue", public_key=b"the public key of alice")
    viola = User.objects.create_user("viola", is_staff=True)
    permissions = Permission.objects
    viola.user_permissions.set(permissions.filter(codename="view_user"))
    assert "Blue" not in signed_in(viola).get(page_of(alice)).content.decode()
    viola.user_permissions.add(permissions.get(codename="view_passkey"))
    page = signed_in(viola).get(page_of(alice)).content.decode()
    assert "Blue" in page
    handle = bytes(UserHandle.objects.get().handle)
    for secret in (bytes(passkey.credential_id), bytes(passkey.public_key), handle):
        assert to_base64url(secret) not in page
        assert secret.hex() not in page


def test_new_user(admin_client: Client) -> None:
    """The page that adds a user has no empty list of passkeys."""
    page = admin_client.get(reverse("office:auth_user_add")).content.decode()
    assert "passkeys-group" not in page


def test_no_page_of_a_passkey(admin_client: Client, alice: User) -> None:
    """In an admin site without passkeys there is nowhere to lead to, and the list stands all the same."""
    stored_passkey(alice, nickname="Blue")
    text = listed(admin_client, page_of(alice, "shop"))
    assert "Blue" in text
    assert "<a " not in text


def test_cost(admin_client: Client, alice: User, count: Callable[..., Any]) -> None:
    """S2.2: the list is one query, however many passkeys there are."""
    stored_passkeys(alice, ["a"])
    admin_client.get(page_of(alice))
    with count() as one:
        admin_client.get(page_of(alice))
    stored_passkeys(alice, map(str, range(20)))
    with count(statements=len(one.statements)):
        admin_client.get(page_of(alice))
