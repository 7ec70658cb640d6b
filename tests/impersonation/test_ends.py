"""The end of an impersonation asks nobody who they are (P15): an old session does not renew itself by it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest
from django.test import Client, override_settings

from otp_passkeys import remembered
from otp_passkeys.impersonation import RETURNED, is_impersonated
from otp_passkeys.models import Passkey
from otp_passkeys.offers import NOTE
from otp_passkeys.reauthentication import forget
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator, register

from ..conftest import PASSWORD
from ..helpers.reauthentication import PAGE, SECOND_FACTOR, asks, give, grow_old
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, outcome, post

BACKEND = "django.contrib.auth.backends.ModelBackend"
SITES: dict[str, dict[str, Any]] = {
    "hijack": {
        "INSTALLED_APPS": [*settings.INSTALLED_APPS, "hijack"],
        "MIDDLEWARE": [*settings.MIDDLEWARE, "hijack.middleware.HijackUserMiddleware"],
        "ROOT_URLCONF": "tests.impersonation.urls_hijack",
        "LOGIN_REDIRECT_URL": "/",
    },
    "loginas": {
        "INSTALLED_APPS": [*settings.INSTALLED_APPS, "loginas"],
        "ROOT_URLCONF": "tests.impersonation.urls_loginas",
    },
}


@pytest.fixture(params=SITES)
def package(request: pytest.FixtureRequest) -> Iterator[str]:
    """Install a package with which support looks at the site as a user."""
    with override_settings(**SITES[request.param]):
        yield request.param


def take(client: Client, package: str, user: User) -> None:
    """Look at the site as a user."""
    if package == "hijack":
        client.post("/hijack/acquire/", {"user_pk": user.pk})
    else:
        client.post(f"/support/login/user/{user.pk}/")
    assert client.session[SESSION_KEY] == str(user.pk)


def give_back(client: Client, package: str) -> None:
    """Return to the own account."""
    if package == "hijack":
        client.post("/hijack/release/")
    else:
        client.post("/support/logout/")


@pytest.fixture
def staff(eve: User) -> User:
    """Let eve be of the staff."""
    User.objects.filter(pk=eve.pk).update(is_staff=True, is_superuser=True)
    eve.refresh_from_db()
    return eve


@pytest.fixture
def returned(package: str, alice: User, staff: User, signed_in: SignedIn) -> Client:
    """Return a browser in which eve took alice's account and gave it back."""
    client = signed_in(staff)
    take(client, package, alice)
    give_back(client, package)
    return client


@pytest.mark.each_set
def test_old_session_stays_old(
    package: str, alice: User, staff: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """P13, P15: to take any user and give them back opens no protected page, and plants no passkey."""
    client = signed_in(staff)
    grow_old(client)
    asked = client.get("/act/").headers["Location"]
    take(client, package, alice)
    assert client.get("/act/").status_code == 302
    give_back(client, package)
    assert client.session[SESSION_KEY] == str(staff.pk)
    assert client.get("/act/").headers["Location"] == asked
    assert outcome(register(client, authenticator)) == "reauthentication_required"
    assert not Passkey.objects.exists()


def test_fresh_session_is_asked(returned: Client) -> None:
    """P15: the proof of before is gone with the session that held it; the password gives a new one, and leads on."""
    assert returned.get("/act/").headers["Location"] == asks(PAGE, "/act/")
    assert give(returned, password=PASSWORD, next="/act/").headers["Location"] == "/act/"
    assert returned.get("/act/").status_code == 200


@pytest.mark.each_set
def test_taking_oneself(package: str, staff: User, signed_in: SignedIn) -> None:
    """P15: who takes their own account keeps the session that they have, and has proved nothing."""
    client = signed_in(staff)
    grow_old(client)
    take(client, package, staff)
    give_back(client, package)
    assert client.get("/act/").status_code == 302


def test_one_after_another(
    package: str, alice: User, bob: User, staff: User, signed_in: SignedIn
) -> None:
    """P15: on each way back through several accounts nobody is asked."""
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client = signed_in(staff)
    take(client, package, alice)
    take(client, package, bob)
    for _ in range(2):
        give_back(client, package)
        assert client.get("/act/").status_code == 302
        assert MARKER not in client.session


def test_second_factor_is_asked_anew(
    package: str, alice: User, staff: User, signed_in: SignedIn
) -> None:
    """P15: nor is the session of before verified any more."""
    stored_passkey(staff)
    client = signed_in(staff)
    take(client, package, alice)
    give_back(client, package)
    response = client.get("/second-factor/")
    assert response.headers["Location"] == asks(SECOND_FACTOR, "/second-factor/")


def test_no_offer_and_nothing_remembered(returned: Client) -> None:
    """P15: the browser is offered no passkey, is upgraded to none, and remembers nobody for it."""
    assert NOTE not in returned.session
    assert post(returned, "register-options", {"upgrade": True}).status_code == 204
    response = post(returned, "sync", {"token": returned.session["otp_passkeys_sync"]})
    assert response.status_code == 204
    assert remembered.COOKIE not in response.cookies


def test_next_sign_in_counts(returned: Client, staff: User) -> None:
    """P15: the note ends with the next sign-in that asks, in the same session too."""
    returned.force_login(staff, backend=BACKEND)
    assert RETURNED not in returned.session
    assert returned.get("/act/").status_code == 200
    assert NOTE in returned.session
    response = post(returned, "sync", {"token": returned.session["otp_passkeys_sync"]})
    assert remembered.COOKIE in response.cookies


def test_own_login_of_a_site(alice: User, eve: User, request_of: Callable[..., Any]) -> None:
    """P15: a site's own `login()`, after sign-up say, counts, also over the session of another user."""
    request: HttpRequest = request_of(eve)
    auth.login(request, alice, backend=BACKEND)
    assert request.session[MARKER]["method"] == "sign_in"
    auth.logout(request)
    auth.login(request, eve, backend=BACKEND)
    assert request.session[MARKER]["method"] == "sign_in"


def test_own_impersonation_of_a_site(alice: User, request_of: Callable[..., Any]) -> None:
    """P15: a site with a "log in as" of its own ends the marker by one call, twice does no harm."""
    request: HttpRequest = request_of(alice)
    for _ in range(2):
        forget(request)
        assert MARKER not in request.session


def test_signals_without_a_session(alice: User, rf: Any) -> None:
    """A site may send Django's signals where there is no request, or none with a session."""
    for request in (None, rf.get("/")):
        for signal in (user_logged_out, user_logged_in):
            signal.send(User, request=request, user=alice)


@pytest.mark.parametrize("note", ["loginas_from_user", "as"])
def test_named_note(alice: User, request_of: Any, settings: Any, note: str) -> None:
    """P13: django-loginas's note is looked for under the name that its setting gives it."""
    settings.LOGINAS_FROM_USER_SESSION_FLAG = "as"
    request = request_of(alice)
    request.session[note] = "1:signature"
    assert is_impersonated(request) is (note == "as")
