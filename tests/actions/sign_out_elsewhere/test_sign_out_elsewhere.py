"""Signing out everywhere else: every other session ends, this one goes on."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied
from django.test import Client

from otp_passkeys import actions, remembered
from otp_passkeys.exceptions import TryAgain
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ...conftest import PASSWORD
from ...helpers.reauthentication import grow_old, is_verified, stored
from ...helpers.remembered import names, sign_in_by_password, signed_in_by_password
from ...helpers.sign_out_elsewhere import JSON, PAGE, end_others
from ...helpers.signals import sent
from ...helpers.steps import SignedIn, copy, is_signed_in, lose_password, outcome


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("has_password", [True, False])
@pytest.mark.parametrize("engine", ["db", "signed_cookies", "file", "cached_db"])
@pytest.mark.django_db(transaction=True)
def test_ends_the_others(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    tmp_path: Path,
    engine: str,
    has_password: bool,
    as_json: bool,
) -> None:
    """P11, P15, S6.15: a thief's sessions end at once, on each engine; this one goes on under a new key."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    alice = passkey.user
    if not has_password:
        lose_password(alice)
    here, thief, phone = Client(), Client(), Client()
    for client in (here, thief, phone):
        assert sign_in(client, authenticator).status_code == 200
    stolen = copy(here)  # a copy of this very session's cookie
    key, password = here.session.session_key, User.objects.get().password
    fields: dict[str, Any] = {"password": PASSWORD} if has_password else {}
    response = end_others(here, as_json=as_json, **fields)
    assert response.status_code == (204 if as_json else 200)
    assert is_signed_in(here)
    assert is_verified(here)
    assert here.session.session_key != key
    assert not any(is_signed_in(client) for client in (thief, phone, stolen))
    alice.refresh_from_db()
    assert alice.password != password
    assert alice.has_usable_password() is has_password
    assert alice.check_password(PASSWORD) is has_password
    # And again: a new salt, or a new unusable password, each time.
    assert sign_in(thief, authenticator).status_code == 200
    end_others(here, **fields)
    assert is_signed_in(here)
    assert not is_signed_in(thief)


def test_another_user_stays(alice: User, eve: User, signed_in: SignedIn) -> None:
    """P11: eve's session is none of alice's."""
    here, other = signed_in(alice), signed_in(eve)
    end_others(here, password=PASSWORD)
    assert is_signed_in(other)


def test_reset_links_end(alice: User, signed_in: SignedIn) -> None:
    """P11: a link to reset the password that was sent before is void too."""
    token = default_token_generator.make_token(alice)
    end_others(signed_in(alice), password=PASSWORD)
    alice.refresh_from_db()
    assert not default_token_generator.check_token(alice, token)


@pytest.mark.each_set
@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("password", ["wrong", "", " " + PASSWORD, "nul\0", PASSWORD[:-1]])
def test_wrong_password(alice: User, signed_in: SignedIn, password: str, as_json: bool) -> None:
    """P11: without the password of a user who has one, every session is as before."""
    here, other = signed_in(alice), signed_in(alice)
    before, session = User.objects.get().password, dict(here.session)
    response = end_others(here, as_json=as_json, password=password)
    assert response.status_code == 422
    if as_json:
        assert outcome(response) == "reauthentication_failed"
    else:
        assert response.context["form"].errors["password"]
        assert "aria-invalid" in response.content.decode()
    assert User.objects.get().password == before
    assert is_signed_in(here)
    assert is_signed_in(other)
    assert dict(here.session) == session


def test_locked_out(settings: Any, browser: Client) -> None:
    """T20: a backend that counts tries, django-axes say, hears of each, and may refuse the right password."""
    with sent(user_login_failed) as failed:
        end_others(browser, password="wrong")
    assert len(failed) == 1
    before = User.objects.get().password
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Guard", *settings.AUTHENTICATION_BACKENDS]
    assert end_others(browser, password=PASSWORD).status_code == 422
    assert User.objects.get().password == before


class Guard:
    """A backend that has locked everybody out."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        raise PermissionDenied


def test_password_of_a_directory(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """P11: a password that another backend takes does not become that of the database."""
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, f"{__name__}.Directory"]
    client = signed_in(alice)
    assert end_others(client, password="of the directory").status_code == 422
    assert User.objects.get().check_password(PASSWORD)


class Directory:
    """A backend that knows another password."""

    def authenticate(self, request: Any, username: str = "", password: str = "") -> User | None:
        found: User | None = User.objects.filter(username=username).first()
        return found if password == "of the directory" else None


def test_changed_meanwhile(carol: User, signed_in: SignedIn) -> None:
    """P11: a password that the user gets at this moment is not taken away again."""
    client = signed_in(carol)
    request = client.get("/").wsgi_request
    assert request.user.password == carol.password
    carol.set_password("set meanwhile")
    carol.save()
    with pytest.raises(TryAgain):
        actions.sign_out_elsewhere(request)
    assert User.objects.get().check_password("set meanwhile")


def test_validators_hear_of_no_new_password(
    alice: User, signed_in: SignedIn, settings: Any
) -> None:
    """P11: the password stays the same, so a history of passwords does not grow."""
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": f"{__name__}.History"}]
    assert end_others(signed_in(alice), password=PASSWORD).status_code == 200
    assert History.heard == []


class History:
    """A validator that keeps a history."""

    heard: list[str] = []

    def password_changed(self, password: str, user: Any = None) -> None:
        self.heard.append(password)


def test_marker_after_a_password(browser: Client) -> None:
    """P7: the password that was given now proves anew who is there."""
    grow_old(browser, 300)
    marker = stored(browser)
    end_others(browser, password=PASSWORD)
    renewed = stored(browser)
    assert renewed["method"] == "password"
    assert renewed["time"] > marker["time"] + 290
    assert browser.get(PAGE).status_code == 200


def test_marker_without_a_password(carol: User, signed_in: SignedIn) -> None:
    """P7: where nothing was given, the proof is as old and as good as it was, and still one."""
    client = signed_in(carol)
    grow_old(client, 300)
    marker = stored(client)
    end_others(client)
    kept = stored(client)
    assert {**kept, "binding": ""} == {**marker, "binding": ""}
    assert kept["binding"] != marker["binding"]
    assert client.get(PAGE).status_code == 200
    assert client.session[HASH_SESSION_KEY] in kept["binding"]


def test_remembered(alice: User) -> None:
    """P11: this browser goes on greeting alice, the others no longer do."""
    here, other = Client(), Client()
    for client in (here, other):
        sign_in_by_password(client, alice)
    end_others(here, password=PASSWORD)
    for client, found in ((here, ["alice"]), (other, [])):
        client.cookies.pop("sessionid")
        assert names(client) == found


def test_forgotten_stays_forgotten(alice: User) -> None:
    """P11: an account that this browser was told to forget does not come back."""
    client = signed_in_by_password(alice)
    client.post("/passkeys/sign-in/forget/", {"account": selector(client)}, secure=True)
    end_others(client, password=PASSWORD)
    token = client.get("/passkeys/sync/", secure=True).json()["token"]
    client.post("/passkeys/sync/", {"token": token}, content_type=JSON, secure=True)
    client.cookies.pop("sessionid")
    assert names(client) == []


def selector(client: Client) -> str:
    """Return what names the account in a browser whose session goes on."""
    (account,) = remembered.accounts(client.get("/").wsgi_request)
    return account.selector
