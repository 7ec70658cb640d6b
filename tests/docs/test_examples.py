"""The Python and the commands that the pages show do what the text around it says."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import include, path, reverse

from otp_passkeys import signals
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.docs import code_block, code_blocks
from ..helpers.reauthentication import grow_old
from ..helpers.steps import SignedIn, enrol, lose_password, outcome, post
from .test_docs import run_python

pytestmark = pytest.mark.django_db
OURS = "otp_passkeys.backends.PasskeyBackend"


def example(page: str, having: str, **names: Any) -> dict[str, Any]:
    """Run an example, with what the site has beside it, and return all that it defines."""
    # As a module of the site: a class knows the name of the one that it stands in.
    scope = {"__name__": "site_example", **names}
    exec(code_block(page, "python", having), scope)
    return scope


def test_other_ways_in(
    alice: User, authenticator: Authenticator, signed_in: SignedIn, settings: Any
) -> None:
    """P8: with the policy of the page the last passkey may go, and the question names what remains."""
    settings.OTP_PASSKEYS_POLICY = example("how-to/policy", "e-mail link")["SitePolicy"]
    client = signed_in(alice)
    passkey = enrol(client, authenticator)
    User.objects.update(password="!")
    client = Client()
    sign_in(client, authenticator)
    delete = reverse("otp_passkeys:delete", args=[passkey.pk])
    assert "Sign in by e-mail link" in client.get(delete).content.decode()
    assert client.post(delete).status_code == 302
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(
    ("having", "attribute"), [("class PaidBackend", "has_paid"), ("terms", "terms_accepted")]
)
def test_who_may_sign_in(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    having: str,
    attribute: str,
    allowed: bool,
) -> None:
    """T29: a rule in the site's backend or in its policy holds for passkeys too."""
    monkeypatch.setattr(User, attribute, allowed, raising=False)
    names = example("how-to/policy", having, Policy=Policy)
    if "PaidBackend" in names:
        monkeypatch.setattr(f"{__name__}.Paid", names["PaidBackend"])
        settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Paid", OURS]
    else:
        settings.OTP_PASSKEYS_POLICY = names["SitePolicy"]
    assert outcome(sign_in(Client(), authenticator)) == (
        "200" if allowed else "credential_disabled"
    )


class Paid(ModelBackend):
    """Stands where the page's backend is put."""


@pytest.mark.parametrize("having", ["return True", "user.is_from_directory or"])
def test_passwords_in_a_directory(
    alice: User, signed_in: SignedIn, settings: Any, monkeypatch: Any, having: str
) -> None:
    """S6.9: a user whose password a directory knows is asked for it."""
    lose_password(alice)
    monkeypatch.setattr(User, "is_from_directory", True, raising=False)
    client = signed_in(alice)
    grow_old(client)
    page = reverse("otp_passkeys:reauthenticate")
    assert 'type="password"' not in client.get(page).content.decode()
    policy = example("how-to/ldap", having, Policy=Policy)["DirectoryPolicy"]
    settings.OTP_PASSKEYS_POLICY = policy
    assert 'type="password"' in client.get(page).content.decode()


class DirectoryWithout:
    """Stands where django-auth-ldap's backend does: a directory that somebody has left."""

    def populate_user(self, username: str) -> User | None:
        return None if username == "alice" else User.objects.get(username=username)


def test_who_left_the_directory(
    passkey: Passkey, authenticator: Authenticator, settings: Any, monkeypatch: Any
) -> None:
    """S6.9, T11: with the policy of the page a passkey signs in nobody whom the directory no longer has."""
    module = SimpleNamespace(LDAPBackend=DirectoryWithout)
    monkeypatch.setitem(sys.modules, "django_auth_ldap", SimpleNamespace(backend=module))
    monkeypatch.setitem(sys.modules, "django_auth_ldap.backend", module)
    monkeypatch.setattr(User, "is_from_directory", True, raising=False)
    assert outcome(sign_in(Client(), authenticator)) == "200"
    policy = example("how-to/ldap", "LDAPBackend()", Policy=Policy)["DirectoryPolicy"]
    settings.OTP_PASSKEYS_POLICY = policy
    assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
    User.objects.update(username="alicia")
    assert outcome(sign_in(Client(), authenticator)) == "200"


def test_sign_ins_that_prove_nothing(alice: User, settings: Any) -> None:
    """P15: the backend that the page names leaves no proof."""
    policy = example("how-to/reauthentication", "LinkInOldMails", LinkInOldMails=Paid)
    settings.OTP_PASSKEYS_POLICY = policy["AccountPolicy"]
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Paid", *settings.AUTHENTICATION_BACKENDS]
    for backend, status in ((settings.AUTHENTICATION_BACKENDS[1], 200), (f"{__name__}.Paid", 403)):
        client = Client()
        client.force_login(alice, backend=backend)
        assert post(client, "register-options").status_code == status


def test_protected_views(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S4.11: the decorated view, the mixin and each further demand, and the view that says when it acts."""
    done: list[str] = []

    class TransferForm(forms.Form):
        amount = forms.IntegerField()

        def save(self) -> None:
            done.append("transfer")

    def answer(request: HttpRequest, *_: Any) -> HttpResponse:
        return HttpResponse("view")

    first = example("how-to/reauthentication", "def delete_account")
    second = example(
        "how-to/reauthentication", "def transfer", TransferForm=TransferForm, render=answer
    )
    more = code_block("how-to/reauthentication", "python", "max_age=60")
    views: list[Callable[..., Any]] = [
        eval(line.partition("#")[0].strip("@ "), first)(answer) for line in more.splitlines()
    ]
    settings.ROOT_URLCONF = (
        path("", include("tests.urls")),
        path("transfer/", second["transfer"]),
        *(path(f"{number}/", view) for number, view in enumerate(views)),
    )
    client = signed_in(alice)
    # Not with a passkey, which the second of the four demands; who signed in has proved the rest.
    assert [client.get(f"/{number}/").status_code for number in range(4)] == [200, 302, 200, 200]
    assert client.get("/transfer/").status_code == 200
    assert client.post("/transfer/", {"amount": 5}).status_code == 200
    assert client.post("/transfer/", {"amount": 5}).status_code == 302
    assert done == ["transfer"]


def test_own_sign_in_page(client: Client, settings: Any) -> None:
    """S1.6: with the template or the form of the page, browsers offer passkeys on a site's own sign-in page."""
    source = code_blocks("how-to/sign-in-page", "html+django")[0]
    html = (
        engines["django"].from_string(source).render({"next": "/home/"}, RequestFactory().get("/"))
    )
    assert 'autocomplete="username webauthn"' in html
    assert re.search(r'<otp-passkey-sign-in [^>]*next="/home/"', html)
    form = example("how-to/sign-in-page", "from django.contrib.auth.forms")["SignInForm"]()
    assert 'autocomplete="username webauthn"' in str(form["username"])
    names: dict[str, Any] = {"path": path, "SignInForm": type(form)}
    source = code_block("how-to/sign-in-page", "python", "SignInView")
    exec(source.replace("path(", "patterns = path("), names)
    settings.ROOT_URLCONF = (*names["patterns"], path("", include("tests.urls")))
    assert 'autocomplete="username webauthn"' in client.get("/login/").content.decode()


def test_receivers(
    alice: User,
    authenticator: Authenticator,
    signed_in: SignedIn,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """The receivers of the pages get what they name."""
    sent: list[Any] = []
    queue = SimpleNamespace(delay=lambda *args, **kwargs: sent.append((args, kwargs)))
    entries = SimpleNamespace(objects=SimpleNamespace(create=lambda **kwargs: sent.append(kwargs)))
    receivers = [
        example("how-to/mails", "send_later", send_later=queue)["tell_the_user"],
        example("reference/signals", "AuditEntry", AuditEntry=entries)["write_it_down"],
    ]
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert register(signed_in(alice), authenticator).status_code == 201
    finally:
        for receiver in receivers:
            signals.passkey_registered.disconnect(receiver)
    name = Passkey.objects.get().name
    assert sent == [
        ((alice.pk, name), {"automatic": False}),
        {"user": alice, "text": f"Passkey added (register): {name}"},
    ]


def test_tutorial_begins(tmp_path: Path) -> None:
    """The first commands of the tutorial make the project: Django 5.2 wants the folder to be there."""
    folder = tmp_path
    for line in re.findall(r"^\$ (.*)", code_blocks("tutorial", "console")[0], re.MULTILINE):
        program, *arguments = line.split()
        if program == "mkdir":
            (folder / arguments[0]).mkdir()
        elif program == "cd":
            folder /= arguments[0]
        elif program == "django-admin":
            run_python(folder, "-m", "django", *arguments)
        elif arguments[0] == "manage.py":
            run_python(folder, *arguments)
    assert (tmp_path / "example_project" / "accounts" / "views.py").exists()
