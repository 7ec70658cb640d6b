"""What a second step only counts for: as a second factor, and not as a way to sign in."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from otp_passkeys import actions, offers
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import BY_PASSKEY, PAGE, SECOND_FACTOR, asks, give, grow_old, ways
from ..helpers.remembered import page, remembering, selectors, sign_in_as
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, enrol, outcome, post

pytestmark = pytest.mark.urls("tests.reauthentication.urls")

REFUSED = "second_step_only"
PANEL = reverse("otp_passkeys:list")


def test_is_a_second_factor(key: Passkey, by_password: Client) -> None:
    """S5.6: eve, who knows the password only, can neither add a passkey nor delete one."""
    assert outcome(post(by_password, "register-options")) == "reauthentication_required"
    url = reverse("otp_passkeys:delete", args=[key.pk])
    assert outcome(by_password.post(url, {}, content_type="application/json")) == (
        "reauthentication_required"
    )


def test_after_a_touch_a_passkey_is_added(
    key: Passkey, authenticator: Authenticator, by_password: Client
) -> None:
    """S5.6: with password and key the user adds a passkey that signs in alone."""
    sign_in(by_password, authenticator, user_verified=False)
    other = Authenticator()
    enrol(by_password, other)
    assert outcome(sign_in(Client(), other)) == "200"


def test_is_no_way_in(key: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.6, P8: beside it the last passkey that signs in alone is kept, and it can be deleted itself."""
    other = Authenticator()
    client = signed_in(alice)
    passkey = enrol(client, other)
    User.objects.filter(pk=alice.pk).update(password="!")
    client = Client()
    sign_in(client, other)

    def delete(one: Passkey) -> str:
        url = reverse("otp_passkeys:delete", args=[one.pk])
        return outcome(client.post(url, {}, content_type="application/json"))

    shown = client.get(reverse("otp_passkeys:delete", args=[passkey.pk])).content.decode()
    assert "your only way to sign in" in shown
    assert delete(passkey) == "last_way_in"
    shown = client.get(reverse("otp_passkeys:delete", args=[key.pk])).content.decode()
    assert "Delete passkey" in shown
    assert "your last passkey" not in shown
    assert delete(key) == "204"


def test_page_asks_for_the_password_first(key: Passkey, by_password: Client) -> None:
    """S5.6: no page offers it alone; where a passkey is needed, the password comes first."""
    grow_old(by_password)
    shown = by_password.get(PAGE).content.decode()
    assert 'name="password"' in shown
    assert ways(by_password) == ["Use your password"]
    for address in (BY_PASSKEY, SECOND_FACTOR):
        shown = by_password.get(address).content.decode()
        assert 'name="password"' in shown
        assert "After this, you’ll use your passkey or security key." in shown
        there = give(by_password, page=asks(address, "/"), password=PASSWORD)
        assert there.status_code == 302
        assert there["Location"].startswith(address)
        shown = by_password.get(address).content.decode()
        assert 'name="password"' not in shown
        assert "otp-passkey-sign-in" in shown
        grow_old(by_password)


@pytest.mark.parametrize("policy", ["required", "always"])
def test_second_factor_page_under_any_policy(
    key: Passkey, settings: Any, policy: str, by_password: Client
) -> None:
    """S5.6: "always" does not hide what must be given first."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = policy
    grow_old(by_password)
    assert ways(by_password, SECOND_FACTOR) == ["Use your password", "Use your passkey"]


@pytest.mark.usefixtures("key")
def test_beside_a_passkey_that_signs_in(alice: User, signed_in: SignedIn) -> None:
    """S5.6: where the user has both kinds, the pages offer the passkey as ever."""
    enrol(signed_in(alice), Authenticator())
    client = signed_in(alice, verified=False)
    grow_old(client)
    assert ways(client) == ["Use your passkey", "Use your password"]
    remembered = remembering(alice)
    (selector,) = selectors(remembered)
    assert "otp-passkey-sign-in" in page(remembered, account=selector)


def test_offer(key: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.6, S3.5: who has nothing else is offered a passkey that signs in alone."""
    request = signed_in(alice, verified=False).get(PANEL).wsgi_request
    assert offers.due(request) is not None
    stored_passkey(alice)
    request = signed_in(alice, verified=False).get(PANEL).wsgi_request
    assert offers.due(request) is None


def test_is_shown(key: Passkey, admin_client: Client, browser: Client) -> None:
    """S5.6: panel, JSON, admin and command say so."""
    assert "Second step only" in browser.get(PANEL).content.decode()
    (row,) = browser.get(PANEL, headers={"Accept": "application/json"}).json()["passkeys"]
    assert row["second_step_only"] is True
    written = StringIO()
    call_command("passkeys", "alice", stdout=written)
    assert "second step only" in written.getvalue()
    url = reverse("admin:otp_passkeys_passkey_changelist")
    found = admin_client.get(url, {"state": "second-step"}).context["cl"].result_list
    assert list(found) == [key]


def test_no_advice(key: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.6: nobody is told that it is their only passkey, as if it signed in."""
    Passkey.objects.update(backup_eligible=False)
    answered = signed_in(alice).get(PANEL, headers={"Accept": "application/json"}).json()
    assert answered["advice"] is None


def test_as_a_remembered_account(key: Passkey, alice: User, authenticator: Authenticator) -> None:
    """S5.6: "Welcome back" asks for the password, and the key does not sign in there either."""
    client = remembering(alice)
    (selector,) = selectors(client)
    shown = page(client, account=selector)
    assert "otp-passkey-sign-in" not in shown
    assert 'name="password"' in shown
    assert outcome(sign_in_as(client, selector, authenticator)) == "second_step_only"


def test_needs_no_other_way_in(key: Passkey, alice: User) -> None:
    """S5.6, P8: to delete it locks nobody out, though nothing else is left."""
    User.objects.filter(pk=alice.pk).update(password="!")
    actions.delete(user=User.objects.get(pk=alice.pk), pk=key.pk)
    assert not Passkey.objects.exists()


def test_old_verification_is_doubtful(key: Passkey, alice: User, signed_in: SignedIn) -> None:
    """S5.6: though it verified its user under the other package, the password comes first."""
    Passkey.objects.update(user_verified=True)
    assert ways(signed_in(alice, verified=False)) == ["Use your password", "Use your passkey"]
