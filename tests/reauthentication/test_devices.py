"""A proof does not outlive what gave it (P15): the passkey that somebody stole, once its owner took it away."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.reauthentication import Need, mark, require
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import (
    PAGE,
    SECOND_FACTOR,
    alter,
    asks,
    code_of,
    give,
    grow_old,
    keep,
    recovery_codes,
    stored,
    totp_of,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, answer, ask, outcome, post

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
REFUSED = "reauthentication_required"


def delete(row: Any, bob: User) -> None:
    row.delete()


def disable(row: Any, bob: User) -> None:
    type(row).objects.filter(pk=row.pk).update(confirmed=False)


def give_to_bob(row: Any, bob: User) -> None:
    type(row).objects.filter(pk=row.pk).update(user=bob)


ENDS = [delete, disable, give_to_bob]
End = Callable[[Any, User], None]


@pytest.fixture
def thief(passkey: Passkey, authenticator: Authenticator) -> Client:
    """Sign a thief in with the passkey of alice."""
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert stored(client)["device"] == passkey.persistent_id
    return client


@pytest.mark.parametrize("end", ENDS)
def test_ends_with_the_passkey(thief: Client, passkey: Passkey, bob: User, end: End) -> None:
    """P15: nothing is opened any more, and nothing begun."""
    assert thief.get("/act/").status_code == 200
    end(passkey, bob)
    for path in ("/act/", "/by-passkey/", "/act-async/", "/consuming/"):
        assert thief.get(path).status_code == 302, path
    assert outcome(post(thief, "register-options")) == REFUSED


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("others", [False, True])
def test_what_was_begun_before(
    thief: Client, alice: User, passkey: Passkey, bob: User, end: End, others: bool
) -> None:
    """P15: nor is a registration finished that was begun before; its challenge is spent, and nothing stored."""
    if others:
        stored_passkey(alice, created_at="2026-01-01T00:00:00Z")
    made = Authenticator().create(ask(thief, "register-options"))
    end(passkey, bob)
    rows, spent = Passkey.objects.count(), SpentChallenge.objects.count()
    response = answer(thief, "register", made)
    assert (response.status_code, outcome(response)) == (403, REFUSED)
    assert response.json()["reauthenticate_url"].startswith(SECOND_FACTOR if others else PAGE)
    assert (Passkey.objects.count(), SpentChallenge.objects.count()) == (rows, spent + 1)
    assert outcome(answer(thief, "register", made)) == "challenge_spent"


@pytest.mark.usefixtures("alice", "bob")
def test_using_the_proof_up_drops_nothing(thief: Client, passkey: Passkey) -> None:
    """P15: an act that uses the proof up does not let the thief forget where it came from."""
    made = Authenticator().create(ask(thief, "register-options"))
    assert thief.post("/once/").status_code == 200
    passkey.delete()
    assert outcome(answer(thief, "register", made)) == REFUSED
    assert not Passkey.objects.exists()


def test_used_up_meanwhile(authenticator: Authenticator, browser: Client) -> None:
    """S1.15: the owner may use the proof up while the browser asks for the passkey; it is stored."""
    made = authenticator.create(ask(browser, "register-options"))
    assert browser.post("/once/").status_code == 200
    assert answer(browser, "register", made).status_code == 201


def test_no_proof_at_all(authenticator: Authenticator, browser: Client) -> None:
    """P15: a session that has no proof finishes nothing that another one of its browser began."""
    made = authenticator.create(ask(browser, "register-options"))
    keep(browser, **{MARKER: None})
    assert outcome(answer(browser, "register", made)) == REFUSED


def test_another_session_that_is_old(
    thief: Client, passkey: Passkey, alice: User, signed_in: SignedIn
) -> None:
    """P15: nor does a session that was left open, and could not have begun it; challenges know the browser only."""
    passkey_of_the_thief = Authenticator().create(ask(thief, "register-options"))
    passkey.delete()
    left_open = signed_in(alice)
    grow_old(left_open, 605)
    thief.cookies["sessionid"] = left_open.cookies["sessionid"].value
    assert outcome(answer(thief, "register", passkey_of_the_thief)) == REFUSED
    assert not Passkey.objects.exists()


def test_another_session_of_the_password(
    thief: Client, passkey: Passkey, alice: User, signed_in: SignedIn
) -> None:
    """P15: nor one that the password has just opened, where another factor demands to be used."""
    totp_of(alice)
    made = Authenticator().create(ask(thief, "register-options"))
    passkey.delete()
    thief.cookies["sessionid"] = signed_in(alice).cookies["sessionid"].value
    response = answer(thief, "register", made)
    assert response.json()["reauthenticate_url"].startswith(SECOND_FACTOR)
    assert not Passkey.objects.exists()


def test_added_elsewhere_meanwhile(alice: User, signed_in: SignedIn) -> None:
    """T10: the first passkeys of a user, begun on two devices before either was there, are both stored."""
    laptop, phone = signed_in(alice), signed_in(alice)
    on_laptop = Authenticator().create(ask(laptop, "register-options"))
    assert register(phone, Authenticator()).status_code == 201
    # Within one second of each other nobody can tell which came first.
    Passkey.objects.update(created_at="2099-01-01T00:00:00Z")
    assert answer(laptop, "register", on_laptop).status_code == 201


def test_time_is_not_judged_again(
    authenticator: Authenticator, monkeypatch: Any, browser: Client
) -> None:
    """S1.15: when the answer comes the browser has saved the passkey, so it is stored, however slow the user was."""
    grow_old(browser, 400)
    made = authenticator.create(ask(browser, "register-options"))
    now = time.time() + 500
    monkeypatch.setattr(time, "time", lambda: now)
    assert outcome(post(browser, "register-options")) == REFUSED
    assert answer(browser, "register", made).status_code == 201


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", ["totp", "static"])
def test_ends_with_any_device(
    alice: User, bob: User, signed_in: SignedIn, kind: str, end: End
) -> None:
    """P15: what a code proved ends with the app or the list that it came from."""
    device = totp_of(alice) if kind == "totp" else recovery_codes(alice, "code")
    code = code_of(device) if isinstance(device, TOTPDevice) else "code"
    client = signed_in(alice)
    grow_old(client)
    give(client, device.persistent_id, token=code)
    assert client.get("/act/").status_code == 200
    made = Authenticator().create(ask(client, "register-options"))
    end(device, bob)
    assert client.get("/act/").headers["Location"] == asks(PAGE, "/act/")
    assert outcome(answer(client, "register", made)) == REFUSED


def test_app_that_is_gone(browser: Client) -> None:
    """P15: a device of an app that is gone, or has another kind of keys now, vouches for nobody, and is no error."""
    uuid = "otp_totp.totpdevice/4a7d1ed4-14a2-4f0c-9d5c-1f8a4f1d2b3c"
    for device in ("gone.device/1", "nothing", "/", "a.b.c/1", uuid):
        alter(browser, device=device)
        assert browser.get("/act/").status_code == 302


def test_new_proof_after_it(thief: Client, passkey: Passkey, authenticator: Authenticator) -> None:
    """P15: it is the proof that ends: the owner gives the password in such a session, and goes on."""
    passkey.delete()
    assert give(thief, password=PASSWORD, next="/act/").headers["Location"] == "/act/"
    assert thief.get("/act/").status_code == 200
    assert register(thief, authenticator).status_code == 201


def test_password_is_no_device(alice: User, signed_in: SignedIn) -> None:
    """P15: what a password proved does not end with a passkey of the user's."""
    passkey = stored_passkey(alice)
    client = signed_in(alice, verified=False)
    passkey.delete()
    assert client.get("/act/").status_code == 200
    assert register(client, Authenticator()).status_code == 201


def test_statements(alice: User, request_of: Any, count: Any) -> None:
    """P15: it costs nothing where the rows are at hand, or the middleware has loaded the device; else one query."""
    passkey, need = stored_passkey(alice), Need()
    request = request_of(alice)
    mark(request, alice, method="passkey", verified=True, device=passkey)
    with count(statements=1):
        require(request, need)
    rows = list(alice.passkeys.all())
    with count(statements=0):
        require(request, need, passkeys=rows)
        request.user.otp_device = passkey
        require(request, need)
