"""django-allauth beside this app: its sign-in page, its mandatory verification, and its reauthentication."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator, sign_in
from tests.conftest import PASSWORD
from tests.helpers.reauthentication import PAGE, asks, grow_old, stored
from tests.helpers.steps import SignedIn, outcome, post

pytestmark = [pytest.mark.django_db, pytest.mark.browser]
OTHER = "other@example.com"
EMAILS, SIGN_IN = "/accounts/email/", "/accounts/login/"


@pytest.fixture
def by_passkey(alice: User, passkey: Passkey, authenticator: Authenticator) -> Client:
    """Return a client of alice, who has no password, after a sign-in with her passkey."""
    User.objects.update(password="!")
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    return client


@pytest.fixture
def by_password(alice: User) -> Client:
    """Return a client of alice after a sign-in on allauth's page."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client = Client()
    form = {"login": "alice", "password": PASSWORD}
    assert client.post(SIGN_IN, form, secure=True)["Location"] == "/"
    return client


def add_address(client: Client) -> Any:
    """Add an address on allauth's page, which asks for a recent proof."""
    return client.post(EMAILS, {"email": OTHER, "action_add": ""}, secure=True)


def has_other() -> bool:
    """Say whether it was added; allauth notes the account's own by itself."""
    found: bool = EmailAddress.objects.filter(email=OTHER).exists()
    return found


def test_sign_in_page(settings: Any, site_module: Any) -> None:
    """The template and the form of the page put passkeys onto allauth's sign-in page."""
    site_module("how-to/allauth", "class SignInForm")
    settings.ACCOUNT_FORMS = {"login": "site_module.SignInForm"}
    html = Client().get(f"{SIGN_IN}?next=/there/", secure=True).content.decode()
    assert re.search(r'<otp-passkey-sign-in [^>]*next="/there/"', html)
    assert re.search(r'<input [^>]*autocomplete="username webauthn"', html)


def test_without_adapter(by_passkey: Client, settings: Any) -> None:
    """What the adapter is for: allauth alone answers 403 to a user without a password."""
    settings.ACCOUNT_ADAPTER = "allauth.account.adapter.DefaultAccountAdapter"
    assert add_address(by_passkey).status_code == 403
    assert not has_other()


def test_passkey_is_believed(by_passkey: Client) -> None:
    """After a sign-in with a passkey, allauth's pages do not ask again."""
    assert add_address(by_passkey).status_code == 302
    assert has_other()


def test_asks_for_the_passkey(by_passkey: Client, authenticator: Authenticator) -> None:
    """After allauth's own period its pages lead to this app's, and believe what was proved there."""
    grow_old(by_passkey, 305)
    assert add_address(by_passkey)["Location"] == asks(PAGE, EMAILS)
    assert by_passkey.get(asks(PAGE, EMAILS), secure=True).status_code == 200
    assert not has_other()
    answer = sign_in(by_passkey, authenticator, next=EMAILS)
    assert answer.json()["redirect_url"] == EMAILS
    assert add_address(by_passkey).status_code == 302
    assert has_other()


def test_own_sign_ins(by_password: Client) -> None:
    """Whether a sign-in with a password is a proof, allauth says itself: it asks for it once more."""
    assert stored(by_password)["method"] == "sign_in"
    assert add_address(by_password)["Location"].startswith("/accounts/reauthenticate/?")


def test_allauth_is_believed(by_password: Client) -> None:
    """P6: who gave allauth the password adds a passkey without giving it twice, under a new session key (T16)."""
    grow_old(by_password)
    assert post(by_password, "register-options").status_code == 403
    key = by_password.session.session_key
    form = {"password": PASSWORD, "next": EMAILS}
    wrong = by_password.post("/accounts/reauthenticate/", {**form, "password": "no"}, secure=True)
    assert wrong.status_code == 200
    assert post(by_password, "register-options").status_code == 403
    right = by_password.post("/accounts/reauthenticate/", form, secure=True)
    assert right["Location"] == EMAILS
    assert post(by_password, "register-options").status_code == 200
    assert by_password.session.session_key != key


def test_mails_prove_nothing(by_password: Client) -> None:
    """P11: a code by e-mail opens allauth's pages, and adds no passkey."""
    grow_old(by_password)
    confirm = reverse("account_confirm_reauthentication_code")
    by_password.post(
        reverse("account_request_reauthentication_code"),
        {"recipient": "alice@example.com"},
        secure=True,
    )
    [code] = re.findall(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[-1].body), re.M)
    assert by_password.post(confirm, {"code": code}, secure=True).status_code == 302
    assert add_address(by_password).status_code == 302
    assert post(by_password, "register-options").status_code == 403


def test_mandatory_verification(
    alice: User, passkey: Passkey, authenticator: Authenticator, settings: Any, site_module: Any
) -> None:
    """T29: with the policy of the page a passkey does not pass the verification that allauth asks for."""
    assert outcome(sign_in(Client(), authenticator)) == "200"
    settings.OTP_PASSKEYS_POLICY = site_module("how-to/allauth", "class SitePolicy").SitePolicy
    address = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    form = {"login": "alice", "password": PASSWORD}
    client = Client()
    assert "confirm-email" in client.post(SIGN_IN, form, secure=True)["Location"]
    assert MARKER not in client.session  # a step of a sign-in is no proof yet
    assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
    address.verified = True
    address.save()
    assert outcome(sign_in(client, authenticator)) == "200"
    address.delete()
    assert client.get("/passkeys/", secure=True).status_code == 200  # no query for each request


def test_no_way_around(alice: User, settings: Any, site_module: Any) -> None:
    """With the addresses of the page nobody signs in by the app's own page, past a verification that is mandatory.

    The page named no such line, and the password alone signed in there.
    """
    settings.ROOT_URLCONF = site_module("how-to/allauth", "account_login")
    given = {"username": "alice", "login": "alice", "password": PASSWORD}
    client = Client()
    assert client.post(SIGN_IN, given, secure=True)["Location"] == "/accounts/confirm-email/"
    answer = client.post("/account/passkeys/sign-in/?next=/there/", given, secure=True)
    assert answer["Location"] == f"{SIGN_IN}?next=/there/"
    assert client.get("/account/passkeys/", secure=True).status_code == 302


def test_social_accounts_alone(signed_in: SignedIn, alice: User) -> None:
    """A user with neither password nor passkey is asked by allauth alone, and here to sign in again."""
    alice.set_unusable_password()
    alice.save()
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client = signed_in(alice)
    assert add_address(client)["Location"].startswith("/accounts/reauthenticate/code/?")
    grow_old(client)
    assert "Sign in again" in client.get(PAGE, secure=True).content.decode()
