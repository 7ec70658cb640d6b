"""Our page as the place where django-otp's own decorator and admin send those who are not verified."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import SECOND_FACTOR, asks, code_of, give, totp_of
from ..helpers.steps import SignedIn, enrol

pytestmark = pytest.mark.urls("tests.second_factor.urls")
PATHS = ["/vault/", "/secure-admin/auth/user/"]


@pytest.fixture(autouse=True)
def _verify_here(settings: Any) -> None:
    settings.OTP_LOGIN_URL = "otp_passkeys:reauthenticate-second-factor"


def staff(user: User) -> User:
    user.is_staff = user.is_superuser = True
    user.save()
    return user


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("way", ["passkey", "token"])
def test_from_the_front_door(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, path: str, way: str
) -> None:
    """S4.10: a visitor signs in with a password, uses the second factor, and is where they were going."""
    staff(alice)
    device: Any = totp_of(alice) if way == "token" else enrol(signed_in(alice), authenticator)
    client = Client()
    response = client.get(f"{path}?q=1", follow=True)
    assert response.redirect_chain[-1][0].startswith("/passkeys/sign-in/")
    page = response.redirect_chain[-1][0]
    response = client.post(page, {"username": "alice", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1] == (asks_django(f"{path}?q=1"), 302)
    assert "Let’s make sure it’s you" in response.content.decode()
    assert 'type="password"' not in response.content.decode()
    if way == "token":
        page = response.redirect_chain[-1][0]
        response = give(client, device.persistent_id, page, token=code_of(device))
        assert response.headers["Location"] == f"{path}?q=1"
    else:
        response = sign_in(client, authenticator, next=f"{path}?q=1")
        assert response.json()["redirect_url"] == f"{path}?q=1"
    assert client.get(f"{path}?q=1").status_code == 200


def asks_django(target: str) -> str:
    """Return the address of our page as Django's `redirect_to_login` writes it."""
    return asks(SECOND_FACTOR, target).replace("%2F", "/")


@pytest.mark.parametrize("path", PATHS)
def test_passkey_alone(passkey: Passkey, authenticator: Authenticator, path: str) -> None:
    """A verified passkey is both factors: who signs in with it is not asked for more."""
    staff(passkey.user)
    client = Client()
    assert sign_in(client, authenticator, next=path).json()["redirect_url"] == path
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_password_alone(alice: User, signed_in: SignedIn, path: str) -> None:
    """A password, given twice, is still one factor."""
    totp_of(staff(alice))
    client = signed_in(alice)
    assert give(client, password=PASSWORD).status_code == 302
    assert client.get(path, follow=True).redirect_chain[-1] == (asks_django(path), 302)


def test_admin_leads_inside(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """Who may enter and opens the admin's own sign-in page is inside."""
    enrol(signed_in(staff(alice)), authenticator)
    client = signed_in(alice)
    assert client.get("/secure-admin/login/").headers["Location"] == "/secure-admin/"
    unverified = signed_in(alice, verified=False)
    response = unverified.get("/secure-admin/login/")
    assert response.headers["Location"] == asks_django("/secure-admin/")


def test_admin_is_for_staff(alice: User, eve: User, signed_in: SignedIn) -> None:
    """Who is no member of the staff is refused, not asked again and again."""
    totp_of(eve)
    assert signed_in(eve).get("/secure-admin/", follow=True).status_code == 403


def test_otp_required_lets_in(authenticator: Authenticator, browser: Client) -> None:
    """S4.10: django-otp's decorator sends nobody away seconds after they enrolled."""
    assert browser.get("/vault/").headers["Location"] == asks_django("/vault/")
    passkey = enrol(browser, authenticator)
    assert browser.get("/vault/").status_code == 200
    passkey.delete()
    assert browser.get("/vault/").status_code == 302
