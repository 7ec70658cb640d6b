"""The ways to prove who one is: only those that this user has, and each judged by who knows it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from django import forms
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client

from otp_passkeys.actions.confirming import confirm
from otp_passkeys.actions.ways import PasswordWay, Way
from otp_passkeys.exceptions import NotAuthenticated, ReauthenticationFailed
from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.docs import code_block
from ..helpers.reauthentication import (
    PAGE,
    asks,
    give,
    grow_old,
    is_verified,
    keep,
    recovery_codes,
    stored,
    totp_of,
    ways,
)
from ..helpers.rows import stored_passkey
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, lose_password


class MailCodeForm(forms.Form):
    code = forms.CharField(label="Code from our mail")


class MailCode(Way):
    """What a site adds."""

    name = "mail"
    label = "Use a code by mail"

    @classmethod
    def of(cls, request: Any) -> Iterable[Way]:
        return [cls(request.user)] if request.user.email else []

    def form(self, data: Mapping[str, Any] | None = None) -> forms.Form:
        return MailCodeForm(data)

    def prove(self, request: HttpRequest, data: Mapping[str, Any]) -> None:
        if data["code"] != request.session.get("mailed"):
            raise ReauthenticationFailed("wrong code")


class Bare(Way):
    name = "bare"


class Lookalike(BaseBackend):
    """A backend that takes one name for another's, as with letter case in e-mail addresses."""

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        return User.objects.get(username="bob")


class Directory(BaseBackend):
    """A backend that knows passwords by the names of Django's form only, as one for LDAP does."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None) -> Any:  # type: ignore[override]
        known = password == "from the directory"
        return User.objects.get(username=username) if known else None


class Locked(BaseBackend):
    """A backend that lets nobody try any more, as django-axes does."""

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        raise PermissionDenied


def test_only_own_ways(alice: User, bob: User, signed_in: SignedIn) -> None:
    """S4.7: the list has what this user has, no more, in order."""
    totp_of(alice)
    totp_of(alice, name="half done", confirmed=False)
    recovery_codes(alice, "abc")
    stored_passkey(alice)
    totp_of(bob, name="bobs")
    assert sorted(ways(signed_in(alice))) == sorted(
        ["Use your passkey", "Use your password", "Use a code from my phone", "Use a recovery code"]
    )
    assert ways(signed_in(alice))[:2] == ["Use your passkey", "Use your password"]
    assert ways(signed_in(bob)) == ["Use your password", "Use a code from bobs"]


def test_leads_straight_to_the_only_other_way(alice: User, signed_in: SignedIn) -> None:
    """S4.7: with two ways "Try another way" is the other one; the page asked for is kept."""
    stored_passkey(alice)
    client = signed_in(alice)
    page = client.get(asks(PAGE, "/tagged/")).content.decode()
    assert 'href="?next=%2Ftagged%2F&amp;way=password"' in page
    page = client.get(f"{asks(PAGE, '/tagged/')}&way=password").content.decode()
    assert 'type="password"' in page
    assert 'name="next" value="/tagged/"' in page
    assert 'href="?next=%2Ftagged%2F&amp;way=passkey"' in page
    totp_of(alice)
    assert "way=choose" in client.get(PAGE).content.decode()


def test_no_usable_password(alice: User, signed_in: SignedIn) -> None:
    """S4.7: a user without a usable password sees no password field, whatever the address or the form says."""
    lose_password(alice)
    totp_of(alice)
    client = signed_in(alice)
    for address in (PAGE, f"{PAGE}?way=password", f"{PAGE}?way=choose"):
        assert "assword" not in client.get(address).content.decode()
    response = give(client, password="")
    assert response.status_code == 422
    assert 'type="password"' not in response.content.decode()


def test_no_way_at_all(alice: User, signed_in: SignedIn) -> None:
    """S4.7: who has no way here signs in again, which leads back; nobody is stuck."""
    lose_password(alice)
    client = signed_in(alice)
    page = client.get(asks(PAGE, "/tagged/")).content.decode()
    assert "To go on, sign in again." in page
    assert "Try another way" not in page
    assert 'type="password"' not in page
    assert 'name="way" value="sign-in"' in page
    assert "Add a passkey" not in page
    response = give(client, "sign-in", next="/tagged/")
    assert response.headers["Location"] == "/passkeys/sign-in/?next=/tagged/"
    assert "_auth_user_id" not in client.session


def test_password_of_any_backend(settings: Any, browser: Client) -> None:
    """S4.3: whatever backend of the site knows the password is asked, as at sign-in."""
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, f"{__name__}.Directory"]
    assert give(browser, password="from the directory").status_code == 302
    assert give(browser, password="not from there").status_code == 422


@pytest.mark.parametrize("backend", ["Lookalike", "Locked"])
@pytest.mark.usefixtures("bob")
def test_backend_refuses(alice: User, settings: Any, backend: str, browser: Client) -> None:
    """S4.3: a backend that finds somebody else, or has locked the account, proves nothing."""
    before = stored(browser)
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.{backend}", *settings.AUTHENTICATION_BACKENDS]
    with sent(user_login_failed) as failures:
        assert give(browser, password=PASSWORD).status_code == 422
    assert len(failures) == (backend == "Locked")
    assert stored(browser) == before
    assert browser.session["_auth_user_id"] == str(alice.pk)


def test_form_is_no_passkey(passkey: Passkey, browser: Client) -> None:
    """S4.6: a form that says "passkey" proves none, with the password either."""
    before = stored(browser)
    assert give(browser, "passkey", password=PASSWORD).status_code == 422
    assert stored(browser) == before


def test_way_of_the_site(alice: User, bob: User, signed_in: SignedIn, settings: Any) -> None:
    """S4.7: a site adds a way by a small class, and says which come first."""
    settings.OTP_PASSKEYS_REAUTHENTICATION_WAYS = [
        f"{__name__}.MailCode",
        "otp_passkeys.actions.ways.PasswordWay",
    ]
    stored_passkey(alice)
    client = signed_in(alice, verified=False)
    assert ways(client) == ["Use a code by mail", "Use your password"]
    assert ways(signed_in(bob)) == ["Use your password"]
    page = client.get(PAGE).content.decode()
    assert 'for="id_code">Code from our mail</label>' in page
    keep(client, mailed="4711")
    grow_old(client)
    response = give(client, "mail", code="0815")
    assert response.status_code == 422
    assert "That did not work. Check it and try again." in response.content.decode()
    assert "This field is required" in give(client, "mail").content.decode()
    assert give(client, "mail", code="4711").status_code == 302
    assert stored(client)["method"] == "mail"
    assert not is_verified(client)


def test_action_asks_who_it_is(alice: User, request_of: Any) -> None:
    """T21: a site's own view that calls the action is refused an inactive user as well."""
    request = request_of(alice)
    alice.is_active = False
    with pytest.raises(NotAuthenticated):
        confirm(request, PasswordWay(alice), {"password": PASSWORD})


def test_way_must_say_how(alice: User, rf: Any) -> None:
    """A class that leaves out what a way must have fails loudly; its form may be empty."""
    with pytest.raises(NotImplementedError):
        Bare.of(rf.get("/"))
    with pytest.raises(NotImplementedError):
        Bare(alice).prove(rf.get("/"), {})
    assert Bare(alice).form({}).is_valid()


def test_documented_way(alice: User, request_of: Callable[[User], HttpRequest]) -> None:
    """The way of the how-to takes the code that was sent, once, and refuses whatever else a user types."""
    scope: dict[str, Any] = {"__name__": "accounts.ways"}
    exec(code_block("how-to/reauthentication", "python", "class MailCode"), scope)
    request = request_of(alice)
    [way] = scope["MailCode"].of(request)
    for typed in ("123457", "", "\N{FULLWIDTH DIGIT ONE}23456", "caf\xe9"):
        request.session["mailed_code"] = "123456"
        with pytest.raises(ReauthenticationFailed):
            way.prove(request, {"code": typed})
    request.session["mailed_code"] = "123456"
    way.prove(request, {"code": "123456"})
    with pytest.raises(ReauthenticationFailed):
        way.prove(request, {"code": "123456"})
