"""The example site: what the tutorial teaches works."""

import re

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.urls import reverse

from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.sync import FLAG
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.reauthentication import grow_old
from .serving import get

DETAILS = {
    "username": "alice",
    "first_name": "Alice",
    "last_name": "Archer",
    "email": "alice@example.com",
}

pytestmark = pytest.mark.django_db


def test_pages_of_a_visitor(client):
    """Every page open to a visitor renders; the others ask to sign in (S1.12)."""
    for name in ("home", "sign-up", "otp_passkeys:sign-in"):
        assert get(client, name).status_code == 200, name
    for name in ("settings", "profile", "export", "delete-account", "otp_passkeys:list"):
        response = get(client, name)
        assert response.status_code == 302, name
        assert response["Location"].startswith(reverse("otp_passkeys:sign-in")), name


def test_pages_of_a_user(client, alice):
    """Every page of a user renders inside the site's own base template."""
    client.force_login(alice)
    for name in ("home", "settings", "profile", "export", "delete-account", "otp_passkeys:list"):
        response = get(client, name)
        assert response.status_code == 200, name
        assert '<header class="site-header">' in response.content.decode(), name


def test_policy_and_pages_fit(client, alice):
    """The policy is strict, and no page holds what it forbids: inline script, style or handler."""
    client.force_login(alice)
    for name in ("home", "sign-up", "settings", "profile", "export", "otp_passkeys:list"):
        response = get(client, name)
        html = response.content.decode()
        policy = response["Content-Security-Policy"]
        assert policy == "default-src 'self'; base-uri 'self'; form-action 'self'"
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html), name
        for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL):
            assert "src=" in attributes or "application/json" in attributes, (name, body)


def test_well_known(client):
    """Password managers find the panel, and browsers the site's origins."""
    answer = client.get("/.well-known/passkey-endpoints", headers={"host": "localhost"})
    panel = "http://localhost/settings/passkeys/"
    assert answer.json() == {"enroll": panel, "manage": panel}
    answer = client.get("/.well-known/webauthn", headers={"host": "localhost"})
    assert answer.json() == {"origins": ["https://localhost", "http://localhost"]}


def test_sign_up(client, db):
    """Signing up makes the account with its details and signs it in."""
    passwords = {"password1": "correct horse", "password2": "correct horse"}
    response = client.post(reverse("sign-up"), DETAILS | passwords)
    assert response.status_code == 302
    assert response["Location"] == reverse("settings")
    user = get_user_model().objects.get(username="alice")
    assert {name: getattr(user, name) for name in DETAILS} == DETAILS
    assert client.session[SESSION_KEY] == str(user.pk)


def test_sign_up_refused(client, bob):
    """A name that is taken makes no account and signs nobody in."""
    passwords = {"password1": "correct horse", "password2": "correct horse"}
    response = client.post(reverse("sign-up"), DETAILS | passwords | {"username": "bob"})
    assert response.status_code == 200
    assert SESSION_KEY not in client.session
    assert get_user_model().objects.count() == 1


def report_sync(client):
    """Do what the browser does after a sync, so that a new flag can be seen."""
    address = reverse("otp_passkeys:sync")
    token = client.get(address, secure=True).json()["token"]
    client.post(address, {"token": token}, content_type="application/json", secure=True)
    assert FLAG not in client.session


def test_profile_sets_the_flag(client, alice):
    """A change of username, name and e-mail is saved and raises the sync flag (S0.9)."""
    client.force_login(alice)
    report_sync(client)
    new = {"username": "al", "first_name": "Al", "last_name": "", "email": "al@example.com"}
    assert client.post(reverse("profile"), new).status_code == 302
    assert FLAG in client.session
    alice.refresh_from_db()
    assert {name: getattr(alice, name) for name in new} == new


def test_invalid_profile_sets_no_flag(client, alice, bob):
    """An invalid form sets no flag (S0.20), and the page does not greet with the refused name."""
    client.force_login(alice)
    report_sync(client)
    response = client.post(reverse("profile"), DETAILS | {"username": "bob"})
    assert response.status_code == 200
    assert FLAG not in client.session
    assert response.context["user"].get_username() == "alice"


def test_passkey(client, alice):
    """Add a passkey, sign out, sign in with it."""
    authenticator = Authenticator()
    client.force_login(alice)
    assert register(client, authenticator, nickname="My key").status_code == 201
    client.logout()

    response = sign_in(client, authenticator, next="/settings/")
    assert response.json() == {"redirect_url": "/settings/"}
    assert b"with a passkey" in client.get("/", secure=True).content


def test_unverified_passkey(client, alice):
    """A security key that asked for no PIN signs nobody in."""
    security_key = Authenticator(backup_eligible=False, counter_step=1, transports=["usb"])
    client.force_login(alice)
    register(client, security_key)
    client.logout()

    response = sign_in(client, security_key, user_verified=False, force=True)
    assert response.status_code == 422


def test_new_name(client, alice):
    """A new username reaches the passkey in the password manager (S0.1)."""
    authenticator = Authenticator()
    client.force_login(alice)
    register(client, authenticator)
    client.post("/settings/profile/", {"username": "alicia"}, secure=True)

    due = client.get("/settings/passkeys/sync/", secure=True).json()
    authenticator.signal_current_user_details(due)
    assert [passkey.user_name for passkey in authenticator.credentials] == ["alicia"]


def test_export(client, alice):
    """The data come as a file, for five minutes after the sign-in (S4.1)."""
    client.force_login(alice)
    assert register(client, Authenticator(), nickname="My key").status_code == 201
    response = client.post(reverse("export"), secure=True)
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert response["Cache-Control"] == "no-store"
    data = response.json()
    assert (data["username"], data["email"]) == ("alice", "alice@example.com")
    assert [passkey["name"] for passkey in data["passkeys"]] == ["My key"]

    grow_old(client, 305)
    assert get(client, "delete-account").status_code == 200
    for response in (get(client, "export"), client.post(reverse("export"), secure=True)):
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("otp_passkeys:reauthenticate"))


def test_delete_account(client, alice, bob):
    """The account goes, with its session and passkeys; nobody else's does (S4.1)."""
    client.force_login(alice)
    assert register(client, Authenticator()).status_code == 201
    spent = SpentChallenge.objects.count()
    assert client.post(reverse("delete-account"), secure=True)["Location"] == reverse("home")
    assert SpentChallenge.objects.count() == spent + 1  # the proof is used up
    assert [user.username for user in get_user_model().objects.all()] == ["bob"]
    assert not Passkey.objects.exists()
    assert SESSION_KEY not in client.session
    assert b"Your account is deleted." in get(client, "home").content


def test_delete_account_needs_a_proof(client, alice):
    """Without a recent proof the account stays (S4.1)."""
    client.force_login(alice)
    grow_old(client)
    for response in (get(client, "delete-account"), client.post("/settings/delete/", secure=True)):
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("otp_passkeys:reauthenticate"))
    assert get_user_model().objects.filter(username="alice").exists()
