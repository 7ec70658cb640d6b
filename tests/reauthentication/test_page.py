"""The page that asks: "Let’s make sure it’s you"."""

import re
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys.reauthentication.marker import MARKER

from ..conftest import PASSWORD
from ..helpers.reauthentication import BY_PASSKEY, PAGE, SECOND_FACTOR, asks, give, grow_old, stored
from ..helpers.rows import stored_passkey
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, copy, csrf_secret, is_signed_in

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
PAGES = [PAGE, SECOND_FACTOR, BY_PASSKEY]

# Django renders the field, with its attributes in the order that it likes.
PASSWORD_FIELD = re.compile(
    r'<input(?=[^>]* type="password")(?=[^>]* name="password")[^>]* autocomplete="current-password"'
)


def text(client: Client, address: str = PAGE) -> str:
    """Return the page, with its whitespace made one."""
    response = client.get(address)
    assert response.status_code == 200
    assert {"no-cache", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert response["X-Frame-Options"] == "DENY"
    return " ".join(response.content.decode().split())


def test_password_page(alice: User, signed_in: SignedIn) -> None:
    """S4.3: the texts of the page of a user without a passkey; no other way, so none is offered."""
    page = text(signed_in(alice))
    assert "<title>Let’s make sure it’s you | testserver</title>" in page
    assert ">Let’s make sure it’s you</h1>" in page
    assert "Account: <bdi>alice</bdi>" in page
    assert PASSWORD_FIELD.search(page)
    assert ">Next</button>" in page
    assert "Try another way" not in page
    assert "Go</button>" not in page


def test_password_page_with_another_way(alice: User, signed_in: SignedIn) -> None:
    """S4.3: "Try another way" is there if there is one."""
    TOTPDevice.objects.create(user=alice, name="my phone")
    page = text(signed_in(alice))
    assert PASSWORD_FIELD.search(page)
    assert ">Try another way</a>" in page


@pytest.mark.parametrize("page", PAGES)
def test_passkey_page(alice: User, signed_in: SignedIn, page: str) -> None:
    """S4.4: the texts of the page of a user who has a passkey."""
    stored_passkey(alice)
    content = text(signed_in(alice), page)
    assert ">Let’s make sure it’s you</h1>" in content
    assert "Account: <bdi>alice</bdi>" in content
    assert "You’ll use your passkey to verify it’s you<" in content
    assert "</svg> Go</button>" in content
    assert 'type="password"' not in content
    assert (">Try another way</a>" in content) is (page == PAGE)  # by password


def test_only_usable_passkeys_count(alice: User, bob: User, signed_in: SignedIn) -> None:
    """S4.2: a disabled passkey, or another user's, is none."""
    stored_passkey(alice, confirmed=False)
    stored_passkey(bob)
    assert 'type="password"' in text(signed_in(alice))


def test_account_is_escaped(db: None, signed_in: SignedIn) -> None:
    """P4: what users are called is text."""
    client = signed_in(User.objects.create_user("<b>&eve"))
    assert "Account: <bdi>&lt;b&gt;&amp;eve</bdi>" in text(client)


def test_posted_username_is_ignored(alice: User, eve: User, signed_in: SignedIn) -> None:
    """S4.5: the account is text; whatever name is posted, it is the session's user who is judged."""
    eve.set_password("eve's own")
    eve.save()
    client = signed_in(alice)
    grow_old(client)
    assert "username" not in text(client)
    names: dict[str, Any] = {
        "username": "eve",
        "account": "eve",
        "email": "eve@example.com",
        "user": str(eve.pk),
    }
    assert give(client, password="eve's own", **names).status_code == 422
    assert give(client, password=PASSWORD, **names).status_code == 302
    assert client.session[SESSION_KEY] == str(alice.pk)
    assert stored(client)["binding"].startswith(f"{alice.pk}:")


def test_password_proves_it(stale: Client) -> None:
    """S4.9, S4.10: the marker is fresh and names the way; the page asked for comes back."""
    before = stored(stale)
    assert stale.get("/act/?a=1").status_code == 302
    response = give(stale, page=asks(PAGE, "/act/?a=1"), password=PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (302, "/act/?a=1")
    marker = stored(stale)
    assert (marker["method"], marker["verified"]) == ("password", False)
    assert marker["time"] >= before["time"] + 600
    assert marker["nonce"] != before["nonce"]
    assert stale.get("/act/?a=1").status_code == 200


def test_wrong_password(stale: Client) -> None:
    """S4.3: a wrong password is refused on the page, and `user_login_failed` lets throttling packages know."""
    before, key = stored(stale), stale.session.session_key
    with sent(user_login_failed) as failures:
        response = give(stale, page=asks(PAGE, "/act/"), password="wrong")
    assert response.status_code == 422
    (failure,) = failures
    assert failure["credentials"]["username"] == "alice"
    assert failure["request"] is not None
    page = response.content.decode()
    assert "That password is not right. Try again." in page
    assert 'aria-invalid="true"' in page
    assert "wrong" not in page
    assert (stored(stale), stale.session.session_key) == (before, key)
    assert stale.get("/act/").status_code == 302
    request: Any = response.wsgi_request
    assert request.sensitive_post_parameters == "__ALL__"


@pytest.mark.server_sessions
def test_session_key_is_new(browser: Client) -> None:
    """T16: after the proof the session has a new key, and who knows the old one is nobody."""
    eve = copy(browser)
    assert give(browser, password=PASSWORD).status_code == 302
    assert browser.cookies["sessionid"].value != eve.cookies["sessionid"].value
    assert is_signed_in(browser)
    assert not is_signed_in(eve)


@pytest.mark.parametrize(
    "key", ["", "unknown", "passkey", "token", "choose", "sign_in", "Password"]
)
def test_unknown_way(key: str, browser: Client) -> None:
    """S4.7: a way that this user does not have is refused by the page; nothing changes."""
    before = stored(browser)
    response = give(browser, key, password=PASSWORD, token="123456")
    assert response.status_code == 422
    assert "Let’s make sure it’s you" in response.content.decode()
    assert stored(browser) == before
    assert text(browser, f"{PAGE}?way={key}")


@pytest.mark.parametrize("page", PAGES)
def test_csrf(alice: User, signed_in: SignedIn, page: str) -> None:
    """P3: without the token nothing is judged, nor is anybody signed out."""
    client = signed_in(alice, enforce_csrf_checks=True)
    before = stored(client)
    for way in ("password", "sign-in"):
        assert give(client, way, page, password=PASSWORD).status_code == 403
    assert stored(client) == before
    client.get(PAGE)
    token: dict[str, Any] = {"csrfmiddlewaretoken": csrf_secret(client)}
    assert give(client, password=PASSWORD, **token).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_get_changes_nothing(page: str, stale: Client) -> None:
    """S1.12: no address proves anything or signs anybody out, whatever it carries."""
    before = dict(stale.session)
    for way in ("password", "sign-in", "choose", ""):
        text(stale, f"{page}?way={way}&password={PASSWORD}")
    assert dict(stale.session) == before
    assert stale.get("/act/").status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_visitor(db: None, page: str) -> None:
    """S1.12: a visitor is sent to sign in, not here: whoever signs in has proved who they are."""
    response = Client().get(asks(page, "/act/"))
    assert response.headers["Location"] == "/passkeys/sign-in/?next=/act/"
    response = give(Client(), page=page, password=PASSWORD)
    assert response.headers["Location"].startswith("/passkeys/sign-in/")
    response = Client().post(page, {"way": "password"}, content_type="application/json")
    assert response.status_code == 401


def test_inactive_user(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """T21: where a site's backend keeps the session of an inactive user, they prove nothing."""
    path = "django.contrib.auth.backends.AllowAllUsersModelBackend"
    settings.AUTHENTICATION_BACKENDS = [path, *site.AUTHENTICATION_BACKENDS]
    client = Client()
    client.force_login(alice, backend=path)
    User.objects.update(is_active=False)
    assert client.get(PAGE).status_code == 401
    assert give(client, password=PASSWORD).status_code == 401
    assert MARKER in client.session
