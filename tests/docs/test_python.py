"""The Python that the pages show for a site does what the text around it says."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.dispatch import Signal
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, reverse
from django.views.generic import View

from otp_passkeys.exceptions import Throttled
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.testing import Authenticator, fixtures, register, sign_in

from ..helpers.docs import example
from ..helpers.reauthentication import grow_old
from ..helpers.steps import SignedIn, enrol, outcome, post
from .blocks import run, take

pytestmark = pytest.mark.django_db
HERE = path("", include("tests.urls"))


def patterns(page: str, words: str) -> tuple[Any, ...]:
    """Return the addresses of a block, without the dots that stand for the reader's own."""
    found = run(page, words, path=path, include=include)["urlpatterns"]
    return tuple(one for one in found if one is not ...)


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
    grow_old(client, 240)
    assert client.get("/delete/").status_code == 200
    grow_old(client, 61)
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
    with pytest.MonkeyPatch.context() as patch:
        # What pytest makes of a function cannot be called.
        marked = SimpleNamespace(fixture=lambda function: [function])
        patch.setitem(sys.modules, "pytest", marked)
        [function] = run("docs/how-to/testing", "def alice")["alice"]
    assert function(User).get_username() == "alice"
