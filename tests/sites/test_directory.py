"""Passwords that another backend keeps: LDAP, PAM or RADIUS (S6.9)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from otp_passkeys import remembered
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register

from ..conftest import PASSWORD
from ..helpers.reauthentication import PAGE, asks, give, grow_old, stored
from ..helpers.remembered import names, page, selectors, signed_in_by_password
from ..helpers.sign_out_elsewhere import end_others
from ..helpers.steps import SignedIn, is_signed_in, post
from .directory import directory

SECRET = "known to the directory"
SIGN_IN = reverse("otp_passkeys:sign-in")
BACKENDS = "tests.sites.directory"
MODEL = "django.contrib.auth.backends.ModelBackend"
OURS = "otp_passkeys.backends.PasskeyBackend"


@pytest.fixture(autouse=True)
def passwords(settings: Any) -> Iterator[dict[str, str]]:
    """Let a directory know carol's password, and the site say so."""
    settings.AUTHENTICATION_BACKENDS = [f"{BACKENDS}.DirectoryBackend", OURS]
    settings.OTP_PASSKEYS_POLICY = f"{BACKENDS}.DirectoryPolicy"
    with directory(carol=SECRET) as passwords:
        yield passwords


@pytest.fixture
def carols(db: None) -> Client:
    """Return a browser in which carol has signed in with the directory's password."""
    client = Client()
    assert sign_in(client).status_code == 302
    assert not carol().has_usable_password()
    return client


def carol() -> User:
    return User.objects.get(username="carol")


def sign_in(client: Client, password: str = SECRET, **fields: str) -> Any:
    """Sign in on the ready page."""
    return client.post(SIGN_IN, {"username": "carol", "password": password, **fields})


def test_welcome_back(carols: Client) -> None:
    """S6.9, S4.16: who is remembered and has no passkey is asked for the directory's password, which signs in."""
    carols.cookies.pop("sessionid")
    assert names(carols) == ["carol"]
    [selector] = selectors(carols)
    html = page(carols, account=selector)
    assert 'type="password"' in html
    assert sign_in(carols, "wrong", account=selector).status_code == 200
    assert not is_signed_in(carols)
    assert sign_in(carols, account=selector).status_code == 302
    assert is_signed_in(carols)


def test_reauthentication(carols: Client) -> None:
    """S6.9, S4.3: the page that asks takes the directory's password, and leads back."""
    grow_old(carols)
    html = carols.get(asks(PAGE, "/tagged/")).content.decode()
    assert 'type="password"' in html
    assert "sign in again" not in html
    assert give(carols, password="wrong").status_code == 422
    response = give(carols, password=SECRET, next="/tagged/")
    assert (response.status_code, response.headers["Location"]) == (302, "/tagged/")
    assert stored(carols)["method"] == "password"
    assert is_signed_in(carols)


def test_password_that_the_directory_changes(carols: Client, passwords: dict[str, str]) -> None:
    """S6.9: the directory decides at each try; the old password is worth nothing at once."""
    passwords["carol"] = "the new one"
    assert give(carols, password=SECRET).status_code == 422
    assert give(carols, password="the new one").status_code == 302


@pytest.mark.parametrize("by", ["page", "command"])
def test_only_passkey_can_be_deleted(
    carols: Client, authenticator: Authenticator, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    """S6.9, P8: the only passkey may go, for the password remains, and the page says so."""
    assert register(carols, authenticator).status_code == 201
    passkey = Passkey.objects.get()
    address = reverse("otp_passkeys:delete", args=[passkey.pk])
    shown = carols.get(address)
    assert shown.context["ways"] == "your password"
    assert "your password" in shown.content.decode()
    if by == "page":
        assert carols.post(address, secure=True).status_code == 302
    else:
        call_command("passkeys", "carol", "--delete", str(passkey.pk))
    assert not Passkey.objects.exists()
    assert sign_in(Client()).status_code == 302


def test_sign_out_elsewhere(carols: Client) -> None:
    """S6.9, S6.15: the database has no password to hash anew, and every other session ends all the same."""
    other = Client()
    sign_in(other)
    html = carols.get(reverse("otp_passkeys:sign-out-elsewhere")).content.decode()
    assert 'type="password"' not in html
    assert end_others(carols).status_code == 200
    assert is_signed_in(carols)
    assert not is_signed_in(other)
    assert not carol().has_usable_password()
    assert sign_in(other).status_code == 302


def test_where_the_site_says_nothing(carols: Client, settings: Any) -> None:
    """S6.9: the default policy knows the database alone; the how-to says what to write."""
    del settings.OTP_PASSKEYS_POLICY
    assert 'type="password"' not in carols.get(PAGE).content.decode()


def test_hash_that_is_stored_at_each_sign_in(db: None, settings: Any) -> None:
    """S6.9, S4.9: a backend that stores another hash of the password it judges does not sign its user out."""
    settings.AUTHENTICATION_BACKENDS = [f"{BACKENDS}.StoringBackend", OURS]
    client = Client()
    sign_in(client)
    before = carol().password
    assert give(client, password=SECRET).status_code == 302
    assert carol().password != before
    assert is_signed_in(client)
    assert client.get(reverse("otp_passkeys:sign-out-elsewhere")).status_code == 200
    before = carol().password
    assert end_others(client, password=SECRET).status_code == 200
    assert carol().password != before
    assert is_signed_in(client)


@pytest.fixture
def ours_alone(settings: Any) -> None:
    """Let the database know the passwords."""
    settings.AUTHENTICATION_BACKENDS = [MODEL, OURS]


def prefer_another_hasher(settings: Any) -> None:
    """Let Django replace each hash that it has the password for, as after an upgrade of Django."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]


@pytest.mark.usefixtures("ours_alone")
def test_hash_that_django_renews(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S4.9: Django hashes anew what an older hasher made: the user who confirms stays signed in, and confirmed."""
    client, other = signed_in(alice), signed_in(alice)
    grow_old(client)
    prefer_another_hasher(settings)
    assert give(client, password=PASSWORD).status_code == 302
    assert User.objects.get().password.startswith("pbkdf2_sha1$")
    assert is_signed_in(client)
    assert client.get(reverse("otp_passkeys:sign-out-elsewhere")).status_code == 200
    assert not is_signed_in(other)  # as after a sign-in that renews the hash


@pytest.mark.usefixtures("ours_alone")
@pytest.mark.parametrize("forgets", [True, False])
def test_remembered_after_a_new_hash(alice: User, settings: Any, forgets: bool) -> None:
    """S4.12, S4.15: a browser goes on greeting alice, and one that was told to forget her does not begin again."""
    client = signed_in_by_password(alice)
    if forgets:
        [account] = remembered.accounts(client.get("/").wsgi_request)
        client.post(reverse("otp_passkeys:forget"), {"account": account.selector}, secure=True)
    prefer_another_hasher(settings)
    assert give(client, password=PASSWORD, secure=True).status_code == 302
    if forgets:
        token = client.get(reverse("otp_passkeys:sync"), secure=True).json()["token"]
        post(client, "sync", {"token": token})
    client.cookies.pop("sessionid")
    assert names(client) == ([] if forgets else ["alice"])


def test_another_users_hash(alice: User, bob: User, signed_in: SignedIn, settings: Any) -> None:
    """S4.3: a backend that finds somebody else leaves the session as it is."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.TakesEveryoneForBob", MODEL]
    client = signed_in(alice)
    before = dict(client.session)
    assert give(client, password=PASSWORD).status_code == 422
    assert dict(client.session) == before


class TakesEveryoneForBob:
    """A backend that goes by something else than the name."""

    def authenticate(self, request: Any, username: str = "", password: str = "") -> User:
        return User.objects.get(username="bob")

    def get_user(self, user_id: Any) -> User:
        return User.objects.get(pk=user_id)
