"""Somebody else who looks at the site as the user (P13): they see, and neither change nor prove anything."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, override_settings
from django.urls import reverse

from otp_passkeys import actions
from otp_passkeys.exceptions import Impersonated
from otp_passkeys.impersonation import is_impersonated
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.sync import request_user_details_sync
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.steps import SignedIn, answer, ask, outcome, post

PANEL = reverse("otp_passkeys:list")


@pytest.fixture
def hijack() -> Iterator[None]:
    """Install django-hijack on the test site."""
    with override_settings(
        INSTALLED_APPS=[*settings.INSTALLED_APPS, "hijack"],
        MIDDLEWARE=[*settings.MIDDLEWARE, "hijack.middleware.HijackUserMiddleware"],
        ROOT_URLCONF="tests.impersonation.urls_hijack",
        LOGIN_REDIRECT_URL="/",
    ):
        yield


@pytest.fixture
def support(hijack: None, alice: User, eve: User, signed_in: SignedIn) -> Client:
    """Sign eve in, who is of the staff, and let her look at the site as alice."""
    User.objects.filter(pk=eve.pk).update(is_staff=True, is_superuser=True)
    eve.refresh_from_db()
    client = signed_in(eve)
    client.post("/hijack/acquire/", {"user_pk": alice.pk})
    assert client.session[SESSION_KEY] == str(alice.pk)
    return client


def rows() -> list[dict[str, Any]]:
    """Return all that is stored of passkeys and answers."""
    models: list[type[Model]] = [Passkey, SpentChallenge]
    return [row for model in models for row in model._default_manager.values()]


def test_neither_adds_nor_changes_nor_deletes(passkey: Passkey, support: Client) -> None:
    """Registration, renaming and deletion are refused, by JSON and by form, however fresh the session is."""
    before = rows()
    for name in ("register-options", "register"):
        assert outcome(post(support, name)) == "impersonated"
    for name in ("rename", "delete"):
        address = reverse(f"otp_passkeys:{name}", args=[passkey.pk])
        response = support.post(address, {"nickname": "eve's"}, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (403, "impersonated")
        assert support.post(address, {"nickname": "eve's"}).status_code == 403
        assert support.get(address).status_code == 403
    assert rows() == before


def test_upgrade_is_not_an_error(support: Client) -> None:
    """A page that asks for an automatic upgrade gets nothing, and no error in its console."""
    assert post(support, "register-options", {"upgrade": True}).status_code == 204


def test_no_ceremony(
    passkey: Passkey,
    authenticator: Authenticator,
    support: Client,
    signed_in: SignedIn,
    alice: User,
) -> None:
    """No passkey is asked for or taken, so none counts as used."""
    assert outcome(post(support, "authenticate-options")) == "impersonated"
    options = ask(signed_in(alice), "authenticate-options")
    before = rows()
    assert outcome(answer(support, "authenticate", authenticator.get(options))) == "impersonated"
    assert rows() == before


def test_registration_begun_before(
    hijack: None, authenticator: Authenticator, browser: Client
) -> None:
    """An answer is refused as well, if the session came to be somebody else's while the browser was asked."""
    credential = authenticator.create(ask(browser, "register-options"))
    session = browser.session
    session["hijack_history"] = ["1"]
    session.save()
    browser.cookies["sessionid"] = session.session_key or ""
    assert outcome(answer(browser, "register", credential)) == "impersonated"
    assert not Passkey.objects.exists()


def test_proves_nothing(support: Client) -> None:
    """The page that asks who is there says that it is for the owner, also to somebody who knows the password."""
    page = reverse("otp_passkeys:reauthenticate")
    assert support.get(page).status_code == 403
    response = support.post(page, {"way": "password", "password": PASSWORD})
    assert response.status_code == 403
    assert "Only they can use or change its passkeys." in response.content.decode()


def test_protected_views_of_the_site(
    hijack: None, support: Client, alice: User, browser: Client
) -> None:
    """A sign-in just now opens the site's protected views, but not one that support did for the user."""
    assert browser.get("/act/").status_code == 200
    assert support.session[SESSION_KEY] == str(alice.pk)
    assert MARKER not in support.session
    assert not support.session.get("otp_passkeys_offer")
    for view in ("/act/", "/once/", "/act-async/", "/consuming/"):
        response = support.get(view)
        assert response.status_code == 302, view
        assert response["Location"].startswith(reverse("otp_passkeys:reauthenticate"))


CONTROLS = (" data-rename>", " data-delete>", " data-add ", "<otp-passkey-add ")
NOTE = "You are looking at somebody else’s account."


def test_panel_is_read_only(passkey: Passkey, support: Client, browser: Client) -> None:
    """The panel lists the passkeys without a control that changes them, and says why."""
    own = browser.get(PANEL).content.decode()
    seen = support.get(PANEL).content.decode()
    assert passkey.id_base64url in own
    assert passkey.id_base64url in seen
    assert NOTE not in own
    assert NOTE in seen
    for control in CONTROLS:
        assert control in own
        assert control not in seen


def test_embedded_panel_is_read_only(passkey: Passkey, support: Client) -> None:
    """So is the panel inside a page of the site."""
    context = Context({"request": support.get(PANEL).wsgi_request})
    page = Template("{% load otp_passkeys %}{% passkey_panel %}").render(context)
    assert NOTE in page
    for control in CONTROLS:
        assert control not in page


def test_no_sync(passkey: Passkey, support: Client) -> None:
    """The browser of somebody else gets no list and no tag, and clears no flag of the user's."""
    sync = reverse("otp_passkeys:sync")
    request = support.get(PANEL).wsgi_request
    request_user_details_sync(request)
    tag = Template("{% load otp_passkeys %}{% render_otp_webauthn_sync_signals_scripts %}")
    assert tag.render(Context({"request": request})) == ""
    assert support.get(sync).status_code == 204
    assert outcome(post(support, "sync", {"token": ""})) == "impersonated"


def test_released(alice: User, eve: User, support: Client) -> None:
    """Once the own session is back, the own passkeys are too."""
    support.post("/hijack/release/")
    assert support.session[SESSION_KEY] == str(eve.pk)
    assert "data-add" in support.get(PANEL).content.decode()


@pytest.mark.parametrize(
    "note", ["hijack_history", "loginas_from_user", "_impersonate", "exit_users_pk"]
)
def test_notes(alice: User, request_of: Any, note: str) -> None:
    """P13: the session notes of django-hijack, django-loginas, django-impersonate and django-su are known."""
    request: HttpRequest = request_of(alice)
    assert not is_impersonated(request)
    request.session[note] = ["1"]
    assert is_impersonated(request)
    with pytest.raises(Impersonated):
        actions.begin_registration(request)


def test_without_a_session(rf: Any) -> None:
    """Where there is no session, nobody is impersonated: an API's request, say."""
    assert not is_impersonated(rf.get("/"))
