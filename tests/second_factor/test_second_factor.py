"""The second factor: who has one uses it before they touch their passkeys, and where a site asks for it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp import devices_for_user
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register, sign_in
from otp_passkeys.usable import has_second_factor

from ..conftest import PASSWORD
from ..helpers.reauthentication import (
    BY_PASSKEY,
    NO_RECOVERY,
    PAGE,
    SECOND_FACTOR,
    asks,
    code_of,
    give,
    grow_old,
    is_verified,
    recovery_codes,
    totp_of,
    ways,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, enrol


def delete(client: Client, passkey: Passkey) -> Any:
    """Delete a passkey by its form."""
    return client.post(reverse("otp_passkeys:delete", args=[passkey.pk]))


@pytest.mark.parametrize(
    ("kind", "confirmed", "has"),
    [
        (None, True, False), (TOTPDevice, True, True), (TOTPDevice, False, False),
        (StaticDevice, True, True), (Passkey, True, True), (Passkey, False, False),
    ],
)  # fmt: skip
def test_second_factor(
    alice: User, bob: User, kind: type[Any] | None, confirmed: bool, has: bool
) -> None:
    """S4.7: any confirmed django-otp device is one, a passkey too; another user's is not."""
    TOTPDevice.objects.create(user=bob)
    if kind is Passkey:
        stored_passkey(alice, confirmed=confirmed)
    elif kind is not None:
        kind.objects.create(user=alice, confirmed=confirmed)
    assert has_second_factor(alice) is has
    assert has_second_factor(alice, alice.passkeys.all()) is has


@pytest.mark.parametrize("kind", ["totp", "static", "passkey"])
def test_password_plants_no_passkey(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, kind: str
) -> None:
    """S1.15, T23: who has a second factor uses it before adding a passkey; the password is not enough."""
    if kind == "passkey":
        stored_passkey(alice)
    else:
        totp_of(alice) if kind == "totp" else recovery_codes(alice, "code")
    client = signed_in(alice, verified=False)
    for _ in range(2):
        response = register(client, authenticator)
        assert response.status_code == 403
        assert response.json()["reauthenticate_url"].startswith(SECOND_FACTOR)
        assert give(client, password=PASSWORD).status_code == 302
    assert not authenticator.credentials


@pytest.mark.parametrize("kind", ["totp", "passkey"])
def test_password_deletes_no_passkey(alice: User, signed_in: SignedIn, kind: str) -> None:
    """S1.15: nor does a password alone remove one: by page, by form or by both."""
    passkey = stored_passkey(alice, confirmed=kind == "passkey")
    if kind == "totp":
        totp_of(alice)
    client = signed_in(alice, verified=False)
    address = reverse("otp_passkeys:delete", args=[passkey.pk])
    assert client.get(address).headers["Location"] == asks(SECOND_FACTOR, address)
    assert delete(client, passkey).headers["Location"] == asks(SECOND_FACTOR, address)
    assert Passkey.objects.count() == 1


def test_only_second_factors_are_offered(alice: User, signed_in: SignedIn) -> None:
    """S4.7: on that page no password is asked for, or taken, whatever address and form say."""
    stored_passkey(alice)
    device = totp_of(alice)
    recovery_codes(alice, "code")
    client = signed_in(alice, verified=False)
    assert sorted(ways(client, SECOND_FACTOR)) == [
        "Use a code from my phone",
        "Use a recovery code",
        "Use your passkey",
    ]
    for address in (SECOND_FACTOR, f"{SECOND_FACTOR}?way=password"):
        assert 'type="password"' not in client.get(address).content.decode()
    assert give(client, page=SECOND_FACTOR, password=PASSWORD).status_code == 422
    assert not is_verified(client)
    key = device.persistent_id
    page = client.get(f"{SECOND_FACTOR}?way={key}").content.decode()
    assert 'autocomplete="one-time-code"' in page


@pytest.mark.parametrize("kind", ["totp", "static"])
def test_token_lets_add(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, kind: str
) -> None:
    """S1.15: after the code the session is verified, and a passkey may be added and deleted."""
    device = totp_of(alice) if kind == "totp" else recovery_codes(alice, "code")
    code = code_of(device) if isinstance(device, TOTPDevice) else "code"
    client = signed_in(alice)
    response = give(client, device.persistent_id, SECOND_FACTOR, token=code, next="/passkeys/")
    assert response.headers["Location"] == "/passkeys/"
    assert is_verified(client)
    deleted = delete(client, enrol(client, authenticator))
    assert deleted.headers["Location"] == "/passkeys/#otp-passkeys-news"


@pytest.mark.usefixtures("passkey")
def test_passkey_lets_add(authenticator: Authenticator, alice: User, signed_in: SignedIn) -> None:
    """S1.15: the passkey is a second factor after a password, also without verification."""
    client = signed_in(alice, verified=False)
    assert sign_in(client, authenticator, user_verified=False).status_code == 200
    assert is_verified(client)
    assert register(client, Authenticator()).status_code == 201


@pytest.mark.parametrize("url", [None, "/help/", "plain"])
def test_lost_factor(alice: User, settings: Any, url: str | None, browser: Client) -> None:
    """A user who lost the factor sees where to go, beside the recovery codes that they have."""
    settings.OTP_PASSKEYS_RECOVERY_URL = url
    totp_of(alice)
    recovery_codes(alice, "code")
    for address in (SECOND_FACTOR, f"{SECOND_FACTOR}?way=choose"):
        page = browser.get(address).content.decode()
        assert (NO_RECOVERY in page) is (url is None)
        assert (f'href="{"/" if url == "plain" else url}">I can' in page) is (url is not None)
    assert "Use a recovery code" in ways(browser, SECOND_FACTOR)
    assert "I can’t do" not in browser.get(PAGE).content.decode()
    stored_passkey(alice)
    assert (NO_RECOVERY in browser.get(BY_PASSKEY).content.decode()) is (url is None)


def test_factor_that_does_not_work_here(alice: User, signed_in: SignedIn) -> None:
    """Recovery codes that are used up: the next step is help, not a page that asks again."""
    recovery_codes(alice)
    page = signed_in(alice).get(SECOND_FACTOR).content.decode()
    assert "your account has none that works here" in page
    assert NO_RECOVERY in page
    assert ">Sign in again</button>" in page
    assert "Add a passkey" not in page


@pytest.mark.parametrize("page", [SECOND_FACTOR, BY_PASSKEY])
def test_no_factor_yet(
    alice: User, authenticator: Authenticator, page: str, browser: Client
) -> None:
    """A user who has nothing of the kind that is asked for adds a passkey, and then has it."""
    content = browser.get(page).content.decode()
    assert '<a class="otp-passkeys-button otp-passkeys-primary" href="/passkeys/">' in content
    assert NO_RECOVERY not in content
    assert list(devices_for_user(alice)) == []
    enrol(browser, authenticator)
    assert "You’ll use your passkey" in browser.get(page).content.decode()


def test_passkey_is_asked_of_who_has_another_factor(alice: User, signed_in: SignedIn) -> None:
    """Who has a second factor and no passkey may add one, after a code."""
    totp_of(alice)
    content = signed_in(alice).get(BY_PASSKEY).content.decode()
    assert "This needs a passkey, and your account has none yet." in content
    assert ">Add a passkey</a>" in content


@pytest.mark.parametrize("need", [PAGE, SECOND_FACTOR])
def test_signing_in_again(need: str, browser: Client) -> None:
    """A user with no way left signs out by the button, and is led back after the sign-in."""
    response = give(browser, "sign-in", asks(need, "/tagged/"))
    assert response.headers["Location"] == "/passkeys/sign-in/?next=/tagged/"
    assert "_auth_user_id" not in browser.session


def test_foreign_passkey_is_not_there(alice: User, eve: User, signed_in: SignedIn) -> None:
    """S1.10: without a proof too, another user's passkey is a 404 and no question."""
    passkey = stored_passkey(alice)
    client = signed_in(eve)
    grow_old(client)
    assert client.get(reverse("otp_passkeys:delete", args=[passkey.pk])).status_code == 404
