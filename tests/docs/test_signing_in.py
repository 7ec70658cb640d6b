"""The Python that the pages show for signing in and signing up does what the text around it says."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.sites import all_sites
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django.views.generic import View

from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.docs import example
from ..helpers.steps import SignedIn, enrol
from .blocks import run, take

pytestmark = pytest.mark.django_db
HERE = path("", include("tests.urls"))


def test_admin_form(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The admin's own sign-in page offers passkeys among the suggestions."""
    monkeypatch.setattr(admin.site, "login_form", None)
    run("docs/how-to/admin", "login_form")
    html = client.get("/admin/login/").content.decode()
    assert 'autocomplete="username webauthn"' in html


def own_page(name: str) -> Any:
    """Return the address of a site's own sign-in page, which would ask for more than a password."""
    return path("own/", View.as_view(), name=name)


@pytest.mark.parametrize("page", ["sign-in-page", "allauth"])
def test_closed(alice: User, authenticator: Authenticator, settings: Any, page: str) -> None:
    """Where the site's own page asks for more than a password, the app's takes none; passkeys sign in."""
    if page == "allauth":
        allauth = SimpleNamespace(urlpatterns=[own_page("account_login")])
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "allauth", ModuleType("allauth"))
            patch.setitem(sys.modules, "allauth.urls", allauth)
            found = tuple(run("docs/how-to/allauth", "account_login")["urlpatterns"])
    else:
        found = (own_page("login"), *example("sign_in_page_closed").urlpatterns)
    settings.ROOT_URLCONF, settings.LOGIN_REDIRECT_URL = found, "/"
    client = Client()
    given = {"username": "alice", "password": PASSWORD}
    for address in ("", "?next=/there/", "?other=1"):
        answer = client.post(reverse("otp_passkeys:sign-in") + address, given)
        assert answer.status_code == 302
        assert answer["Location"].partition("?")[0].endswith("/own/")
        assert ("next=/there/" in answer["Location"]) == ("there" in address)
    assert SESSION_KEY not in client.session
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    assert register(client, authenticator).status_code == 201
    assert sign_in(Client(), authenticator).status_code == 200


def test_sign_up_leads_to_a_passkey(
    client: Client, authenticator: Authenticator, settings: Any, tmp_path: Path
) -> None:
    """A new user is signed in, and adds the first passkey without being asked who they are."""
    (tmp_path / "accounts").mkdir()
    (tmp_path / "base.html").write_text("{% block content %}{% endblock %}")
    for name, code in (
        ("sign_up", take("docs/how-to/first-passkey", "Sign up")),
        ("first_passkey", take("docs/how-to/first-passkey", "Go on")),
    ):
        (tmp_path / "accounts" / f"{name}.html").write_text(code)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    settings.ROOT_URLCONF = (*example("first_passkey_sign_up").urlpatterns, HERE)
    assert 'name="password1"' in client.get("/sign-up/").content.decode()
    given = {"username": "carol", "password1": PASSWORD, "password2": PASSWORD}
    html = client.post("/sign-up/", given, follow=True).content.decode()
    assert "Welcome, carol" in html
    assert "<otp-passkey-panel" in html
    assert register(client, authenticator).status_code == 201
    client.logout()
    assert sign_in(client, authenticator).status_code == 200


def test_vault(
    alice: User, authenticator: Authenticator, signed_in: SignedIn, settings: Any
) -> None:
    """S4.10: django-otp's decorator leads to the page, by the setting, and lets a passkey in."""
    settings.OTP_LOGIN_URL = run("docs/how-to/second-factor", "OTP_LOGIN_URL")["OTP_LOGIN_URL"]
    vault = run("docs/how-to/second-factor", "def vault")["vault"]

    def page_of(request: HttpRequest) -> HttpResponse:
        return vault(request) or HttpResponse("vault")  # the page leaves the answer to the reader

    settings.ROOT_URLCONF = (path("vault/", page_of), HERE)
    page = reverse("otp_passkeys:reauthenticate-second-factor")
    client = signed_in(alice)
    assert client.get("/vault/")["Location"].partition("?")[0] == page
    enrol(client, authenticator)
    client = Client()
    sign_in(client, authenticator)
    assert client.get("/vault/").status_code == 200


def test_admin_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """S4.10: the configuration of the page makes its class the admin that all models are registered with."""
    sites = set(all_sites)
    module = ModuleType("mysite.admin_site")
    monkeypatch.setitem(sys.modules, "mysite", ModuleType("mysite"))
    monkeypatch.setitem(sys.modules, "mysite.admin_site", module)
    vars(module).update(run("docs/how-to/second-factor", "class AdminSite"))
    config = run("docs/how-to/second-factor", "default_site")["SiteAdminConfig"]
    monkeypatch.setattr(apps.get_app_config("admin"), "default_site", config.default_site)
    site = admin.sites.DefaultAdminSite()
    assert site.__class__ is vars(module)["AdminSite"]
    assert site.name == "otpadmin"
    for one in set(all_sites) - sites:
        all_sites.discard(one)
