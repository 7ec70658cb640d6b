"""The Python that the pages show for a site does what the text around it says."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.sites import AdminSite, all_sites
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, reverse
from django.views.generic import View

from otp_passkeys.exceptions import Throttled
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.testing import Authenticator, fixtures, register, sign_in
from tests.conftest import PASSWORD
from tests.helpers_docs import example
from tests.helpers_reauthentication import grow_old
from tests.helpers_steps import SignedIn, enrol, outcome, post

from .blocks import take

pytestmark = pytest.mark.django_db
HERE = path("", include("tests.urls"))


def run(page: str, words: str, **names: Any) -> dict[str, Any]:
    """Run a block, with what the site has beside it, and return all that it defines."""
    scope = {"__name__": "site_example", **names}
    exec(take(page, words), scope)
    return scope


def patterns(page: str, words: str, **names: Any) -> tuple[Any, ...]:
    """Return the addresses of a block, without the dots that stand for the reader's own."""
    found = run(page, words, path=path, include=include, **names)["urlpatterns"]
    return tuple(one for one in found if one is not ...)


def test_admin_form(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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
            found = patterns("docs/how-to/allauth", "account_login")
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
    assert "_auth_user_id" not in client.session
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


def test_token_for_a_front_end(client: Client, settings: Any) -> None:
    """The address that hands out the CSRF token."""
    code = take("docs/how-to/another-origin", 'path("csrf/"')
    names = {"path": path, "csrf": example("another_origin").csrf}
    settings.ROOT_URLCONF = (*eval(f"[{code}]", names), HERE)
    assert set(client.get("/csrf/").json()) == {"csrfToken"}


@pytest.mark.parametrize(
    ("page", "words", "module"),
    [
        ("docs/how-to/native-apps", "mysite.passkeys.native_apps", "mysite.passkeys.native_apps"),
        ("docs/how-to/tokens", "mysite.passkeys.views", "mysite.passkeys.views"),
    ],
)
def test_addresses_for_apps(
    monkeypatch: pytest.MonkeyPatch, settings: Any, page: str, words: str, module: str
) -> None:
    """The addresses of the pages are where the pages say; tests of the two how-tos call them."""
    views = SimpleNamespace(urlpatterns=[path("sign-in/", View.as_view(), name="of-app")])
    for name in ("mysite", "mysite.passkeys"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module, views)
    settings.ROOT_URLCONF = patterns(page, words)
    assert reverse("of-app") in ("/sign-in/", "/api/passkeys/sign-in/")


class Directory(ModelBackend):
    """Stands where django-auth-ldap's backend does."""


def test_directory(
    alice: User, authenticator: Authenticator, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S6.9: with the settings of the page a passkey signs in, and a sign-in of the directory notes whose it is."""
    backend = SimpleNamespace(LDAPBackend=Directory, populate_user=Signal())
    monkeypatch.setitem(sys.modules, "django_auth_ldap", SimpleNamespace(backend=backend))
    monkeypatch.setitem(sys.modules, "django_auth_ldap.backend", backend)
    names = run("docs/how-to/ldap", "AUTH_LDAP_AUTHORIZE_ALL_USERS")
    settings.AUTHENTICATION_BACKENDS = names["AUTHENTICATION_BACKENDS"]
    client = Client()
    client.force_login(alice, settings.AUTHENTICATION_BACKENDS[0])
    assert register(client, authenticator).status_code == 201
    assert sign_in(Client(), authenticator).status_code == 200
    kept = run("docs/how-to/ldap", "note_directory")  # a signal holds its receivers weakly
    backend.populate_user.send(sender=Directory, user=alice)
    assert alice.is_from_directory  # type: ignore[attr-defined]
    assert kept


def test_backend_decides_alone(
    passkey: Passkey, authenticator: Authenticator, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T29: the policy asks the site's own backend, whatever others say."""
    monkeypatch.setattr(User, "has_paid", False, raising=False)
    paid = run("docs/how-to/policy", "class PaidBackend")["PaidBackend"]
    policy = run("docs/how-to/policy", "return PaidBackend()", Policy=Policy, PaidBackend=paid)
    assert outcome(sign_in(Client(), authenticator)) == "200"
    settings.OTP_PASSKEYS_POLICY = policy["SitePolicy"]
    assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
    monkeypatch.setattr(User, "has_paid", True)
    assert outcome(sign_in(Client(), authenticator)) == "200"


def test_keys_that_count_wrongly(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """The policy lets in the model that it names, and no other."""
    policy = run("docs/how-to/policy", "sign_count_may_repeat", Policy=Policy)["SitePolicy"]
    named, other = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
    settings.OTP_PASSKEYS_POLICY = policy
    for aaguid, expected in ((named, "200"), (other, "verification_failed")):
        key = Authenticator(aaguid=aaguid, backup_eligible=False, counter_step=1)
        enrol(signed_in(alice), key)
        assert outcome(sign_in(Client(), key)) == "200"
        Passkey.objects.filter(aaguid=aaguid).update(sign_count=1000)
        assert outcome(sign_in(Client(), key)) == expected


def test_mixin(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S4.11: the class asks who signed in more than five minutes ago."""

    class DeleteView(View):
        def get(self, request: Any) -> HttpResponse:
            return HttpResponse("view")

    view = run("docs/how-to/reauthentication", "class DeleteAccount", DeleteView=DeleteView)
    settings.ROOT_URLCONF = (path("delete/", view["DeleteAccount"].as_view()), HERE)
    client = signed_in(alice)
    assert client.get("/delete/").status_code == 200
    grow_old(client, 299)
    assert client.get("/delete/").status_code == 200
    grow_old(client, 2)
    assert client.get("/delete/").status_code == 302


def test_own_impersonation(alice: User, bob: User, signed_in: SignedIn, settings: Any) -> None:
    """P15: after a "log in as" of the site's own nothing is proved."""
    code = take("docs/how-to/reauthentication", "forget(request)")

    def log_in_as(request: Any) -> HttpResponse:
        names = {"request": request, "user": bob, "login": login}
        exec(code, {**names, "backend": "django.contrib.auth.backends.ModelBackend"})
        return HttpResponse("done")

    settings.ROOT_URLCONF = (path("as/", log_in_as), HERE)
    client = signed_in(alice)
    assert post(client, "register-options").status_code == 200
    client.get("/as/")
    assert outcome(post(client, "register-options")) == "reauthentication_required"


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
    assert isinstance(site, AdminSite)  # looks at the class, and so makes the site
    assert type(site._wrapped).__name__ == "AdminSite"
    assert site.name == "otpadmin"
    for one in set(all_sites) - sites:
        all_sites.discard(one)


def test_guesses_are_counted(alice: User, signed_in: SignedIn) -> None:
    """A way of the site's own shares the limit of ten guesses."""
    prove = run("docs/how-to/throttling", "def prove")["prove"]
    request = RequestFactory().post("/")
    request.user = alice
    request.session = SessionStore(signed_in(alice).session.session_key)
    for _ in range(10):
        prove(SimpleNamespace(name="mail"), request, {})
    with pytest.raises(Throttled):
        prove(SimpleNamespace(name="mail"), request, {})


def test_what_tests_import(db: None) -> None:
    """S6.4: what a site's tests begin with, and the two files `conftest.py`."""
    names = run("docs/how-to/testing", "import Authenticator, register, sign_in")
    assert {"Authenticator", "register", "sign_in"} <= set(names)
    [plugin] = run("docs/how-to/testing", "pytest_plugins")["pytest_plugins"]
    assert plugin == fixtures.__name__
    made = run("docs/how-to/testing", "def alice", pytest=pytest)["alice"]
    function = getattr(made, "__wrapped__", None) or made.__pytest_wrapped__.obj
    assert function(User).get_username() == "alice"
