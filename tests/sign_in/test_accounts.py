"""The sign-in page of a browser that remembers accounts: "Welcome back!" and "Sign in as …"."""

import re
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers import remembered as browser
from ..helpers.remembered import names, page, post_password, remembering, selectors
from ..helpers.steps import is_signed_in, lose_password

NEXT = "/passkeys/?a=1&b=ü"
ESCAPED = "%2Fpasskeys%2F%3Fa%3D1%26b%3D%C3%BC"


def links(text: str) -> list[str]:
    """Return where the links of the app's own part of a page lead, as the browser reads them."""
    return [link.replace("&amp;", "&") for link in re.findall(r'<a [^>]*href="([^"]+)"', text)]


def test_welcomes_back(passkey: Passkey, alice: User, bob: User) -> None:
    """Each account has its row, the newest first, with a way to remove it, and none is a must (S4.13, S4.15)."""
    client = remembering(alice, bob)
    text = page(client, next=NEXT)
    assert "<h1" in text
    assert "Welcome back!" in text
    assert names(client) == ["bob", "alice"]
    assert text.count('action="/passkeys/sign-in/forget/"') == 2
    assert "Remove alice from this device" in text
    assert ">Use a different account</a>" in text
    assert text.count("otp-passkeys-glyph") == 1  # alice has a passkey
    assert re.findall(r'otp-passkeys-disc" aria-hidden="true">(.)<', text) == ["B", "A"]
    assert "password" not in text
    first, second = selectors(client)
    assert links(text) == [
        f"/passkeys/sign-in/?account={first}&next={ESCAPED}",
        f"/passkeys/sign-in/?account={second}&next={ESCAPED}",
        f"/passkeys/sign-in/?other=1&next={ESCAPED}",
    ]
    assert text.count(f'name="next" value="{NEXT.replace("&", "&amp;")}"') == 2
    assert len(selectors(Client())) == 0


def test_one_account(alice: User, passkey: Passkey, bob: User) -> None:
    """S4.13: one account is one wide button; the passkey is shown where there is one that works here.

    Users who did not ask for a page are only welcomed.
    """
    text = page(remembering(alice))
    assert "To go on, sign in again." not in text
    assert "To go on, sign in again." in page(remembering(alice), next=NEXT)
    assert "To go on, sign in again." not in page(remembering(alice), next=NEXT, removed="1")
    assert "otp-passkeys-row" not in text
    assert re.search(r'otp-passkeys-wide" href="[^"]*" data-account="', text)
    assert ">Remove alice from this device</button>" in text
    assert text.count("otp-passkeys-glyph") == 1
    Passkey.objects.update(rp_id="old.example.com")
    assert "otp-passkeys-glyph" not in page(remembering(alice))
    assert "otp-passkeys-glyph" not in page(remembering(bob))


@pytest.mark.parametrize("masked", [True, False])
def test_names(alice: User, bob: User, settings: Any, masked: bool) -> None:
    """S4.13: who has a name is called by it, above the address, which breaks before "@" and "."; P4: as text."""
    settings.OTP_PASSKEYS_REMEMBER_ACCOUNTS = "masked" if masked else True
    User.objects.filter(pk=bob.pk).update(username="b.o@example.com", first_name="<b>Bob")
    text = page(remembering(alice, User.objects.get(pk=bob.pk)))
    assert ('<span class="otp-passkeys-name">&lt;b&gt;Bob</span>' in text) is not masked
    assert ("Sign in as <bdi>b<wbr>.o<wbr>@example<wbr>.com</bdi>" in text) is not masked
    assert "<b>Bob" not in text


@pytest.mark.usefixtures("passkey")
def test_any_account(bob: User, authenticator: Authenticator) -> None:
    """The form for any account has autofill, and no account is asked for (S4.14)."""
    client = remembering(bob)
    text = page(client, other="1", next=NEXT)
    assert 'autocomplete="username webauthn"' in text
    assert "Sign in with a passkey" in text
    assert "account=" not in text
    assert f'name="next" value="{NEXT.replace("&", "&amp;")}"' in text
    assert browser.options_for(client, None)["allowCredentials"] == []
    assert browser.sign_in_as(client, None, authenticator).status_code == 200
    assert is_signed_in(client)


def test_asks_for_a_password(bob: User) -> None:
    """Without a passkey it is a password form for that account, which is text (S4.16)."""
    client = remembering(bob)
    [selector] = selectors(client)
    text = page(client, account=selector, next=NEXT)
    assert "Account: <bdi>bob</bdi>" in text
    assert 'name="password"' in text
    assert 'name="username"' not in text
    assert "otp-passkey-sign-in" not in text
    assert "Try another way" not in text
    assert links(text) == [f"/passkeys/sign-in/?other=1&next={ESCAPED}"]
    wrong = post_password(client, account=selector, password="wrong", next="/tagged/")
    assert wrong.status_code == 200
    text = wrong.content.decode()
    assert "That password is not right. Try again." in text
    assert "Account: <bdi>bob</bdi>" in text
    assert links(text) == ["/passkeys/sign-in/?other=1&next=%2Ftagged%2F"]
    right = post_password(client, account=selector, password=PASSWORD, next="/tagged/")
    assert right.headers["Location"] == "/tagged/"
    assert client.session["_auth_user_id"] == str(bob.pk)


def test_posted_username_is_ignored(bob: User, eve: User) -> None:
    """The account comes from the cookie: eve's name with eve's password signs in nobody (S4.16, S4.5)."""
    eve.set_password("eve's own")
    eve.save()
    client = remembering(bob)
    [selector] = selectors(client)
    tried = {"account": selector, "username": "eve"}
    assert post_password(client, **tried, password="eve's own").status_code == 200
    assert not is_signed_in(client)
    assert post_password(client, **tried, password=PASSWORD).status_code == 302
    assert client.session["_auth_user_id"] == str(bob.pk)


class TakesEveryoneForEve(ModelBackend):
    """A backend that maps names to users in a way of its own."""

    def authenticate(self, request: Any, username: Any = None, **_: Any) -> Any:  # type: ignore[override]
        """Return eve, whoever is named."""
        return User.objects.get(username="eve") if username else None


def test_a_backend_may_not_change_the_account(bob: User, eve: User, settings: Any) -> None:
    """Whoever a backend takes bob for, only bob signs in on bob's page (S4.16)."""
    client = remembering(bob)
    [selector] = selectors(client)
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.TakesEveryoneForEve"]
    refused = post_password(client, account=selector, password=PASSWORD)
    assert refused.status_code == 200
    assert "That password is not right." in refused.content.decode()
    assert not is_signed_in(client)


def test_void_account_leads_back(bob: User) -> None:
    """A page that outlived its account leads to the start, and takes `next` along (S4.16)."""
    client = Client()
    fields = {"account": "x", "username": "bob", "password": PASSWORD}
    back = post_password(client, **fields, next="/tagged/")
    assert back.headers["Location"] == "/passkeys/sign-in/?next=%2Ftagged%2F"
    assert not is_signed_in(client)


def test_asks_for_a_passkey(passkey: Passkey, alice: User) -> None:
    """With a passkey it is the ceremony, and the password is the other way (S4.16)."""
    client = remembering(alice)
    [selector] = selectors(client)
    text = page(client, account=selector, next=NEXT)
    assert f'account="{selector}"' in text
    assert re.search(r"<button[^>]*>\s*<svg.*</svg>\s*Go</button>", text, re.S)
    assert 'type="password"' not in text
    start = f"/passkeys/sign-in/?account={selector}&way="
    assert links(text) == [f"{start}password&next={ESCAPED}", links(text)[1]]
    assert "different account" in text
    text = page(client, account=selector, next=NEXT, way="password")
    assert 'type="password"' in text
    assert links(text)[0] == f"{start}passkey&next={ESCAPED}"
    assert "way=password" in page(client, account=selector, way="nonsense")
    # Who has posted a password is asked for it again.
    wrong = post_password(client, account=selector, password="wrong")
    assert 'type="password"' in wrong.content.decode()


@pytest.mark.usefixtures("passkey")
def test_never_asks_for_a_password_that_is_not_there(alice: User, settings: Any) -> None:
    """A passkey-only user sees no password field, and has ways out (S4.7, S4.16)."""
    settings.OTP_PASSKEYS_RECOVERY_URL = "/lost/"
    client = remembering(alice)
    lose_password(alice)
    browser.forge(client, _as_if_signed_in_now(client, alice))
    [selector] = selectors(client)
    posted = post_password(client, account=selector, password=PASSWORD)
    for text in (
        page(client),
        page(client, account=selector),
        page(client, account=selector, way="password"),
        posted.content.decode(),
    ):
        assert 'type="password"' not in text
        assert "Try another way" not in text
        assert "Use a different account" in text
    assert links(page(client, account=selector))[-1] == "/lost/"
    assert not is_signed_in(client)


def test_has_a_next_step_for_everybody(bob: User) -> None:
    """Who has neither passkey nor password, as after single sign-on, is not stuck (S4.16)."""
    client = remembering(bob)
    lose_password(bob)
    browser.forge(client, _as_if_signed_in_now(client, bob))
    [selector] = selectors(client)
    text = page(client, account=selector)
    assert "neither a passkey nor a password" in text
    assert 'type="password"' not in text
    assert "otp-passkey-sign-in" not in text
    assert "Use a different account" in text
    assert "ask the people who run this site" in text


def _as_if_signed_in_now(client: Client, user: User) -> Any:
    from otp_passkeys.remembered.cookie import Entry

    [*rest, [[pk, _, moment]]] = browser.content(client)
    return [*rest, [[pk, Entry.of(user).digest, moment]]]


def _plain(text: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", text)


@pytest.mark.parametrize(
    "account", ["x", "alice", "alice@example.com", "", "A" * 22, "1", "ü☃\x00"]
)
def test_tells_nobody_who_exists(alice: User, account: str) -> None:
    """An address with another name is answered like one without (S4.18)."""
    expected = Client().get("/passkeys/sign-in/")
    answer = Client().get("/passkeys/sign-in/", {"account": account})
    assert answer.status_code == expected.status_code
    # "Expires" is the second of the answer, and the two may not share it.
    answered, awaited = (
        {name: value for name, value in response.headers.items() if name != "Expires"}
        for response in (answer, expected)
    )
    assert answered == awaited
    assert _plain(answer.content.decode()) == _plain(expected.content.decode())


def test_another_browsers_selector_names_nobody(passkey: Passkey, alice: User) -> None:
    """A selector is one browser's own (S4.18)."""
    first, second = remembering(alice), remembering(alice)
    assert selectors(first) != selectors(second)
    [selector] = selectors(first)
    assert "Welcome back!" in page(second, account=selector)
    assert browser.options_for(second, selector)["allowCredentials"] == []


def test_refusal_shows_a_form_that_works(passkey: Passkey, alice: User) -> None:
    """The form beside a refused passkey posts to the sign-in page, not to where it stands (S4.14)."""
    refused = remembering(alice).post("/passkeys/authenticate/", {"credential": "{}"}, secure=True)
    assert refused.status_code == 400
    text = refused.content.decode()
    assert '<form class="otp-passkeys-form" method="post" action="/passkeys/sign-in/">' in text
    assert 'name="username"' in text
