"""A passkey that was just added verifies the session, for as long as its row is there."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register

from ..conftest import PASSWORD
from ..helpers.reauthentication import SECOND_FACTOR, give, is_verified, keep, stored, totp_of
from ..helpers.steps import SignedIn, answer, ask, copy, enrol, is_signed_in, outcome, post
from .test_second_factor import delete

OLD_NOTE = "otp_passkeys_enrolled"


def disable(passkey: Passkey) -> None:
    Passkey.objects.filter(pk=passkey.pk).update(confirmed=False)


def remove(passkey: Passkey) -> None:
    passkey.delete()


def test_first_passkey_goes_on(
    alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """P15: after their first passkey users add one more, or delete it; a session of the password alone does not."""
    client, other = signed_in(alice), signed_in(alice)
    first = enrol(client, authenticator)
    assert is_verified(client)
    assert client.session[DEVICE_ID_SESSION_KEY] == first.persistent_id
    assert register(other, Authenticator()).status_code == 403
    assert delete(other, first).headers["Location"].startswith(SECOND_FACTOR)
    assert enrol(client, Authenticator()).pk != first.pk
    assert client.session[DEVICE_ID_SESSION_KEY] == first.persistent_id
    assert delete(client, first).headers["Location"] == "/passkeys/#otp-passkeys-news"
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize("end", [disable, remove])
def test_ends_with_the_row(
    alice: User, authenticator: Authenticator, end: Any, browser: Client
) -> None:
    """P15: once that passkey is gone and the user has a code, the session adds no more; a new code lets it."""
    first = enrol(browser, authenticator)
    totp_of(alice)
    end(first)
    assert not is_verified(browser)
    for _ in range(2):
        response = register(browser, Authenticator())
        assert response.json()["reauthenticate_url"].startswith(SECOND_FACTOR)
        assert give(browser, password=PASSWORD).status_code == 302
    assert Passkey.objects.filter(confirmed=True).count() == 0


def test_note_of_an_earlier_version(alice: User, browser: Client) -> None:
    """P15: what an earlier version left in a session is worth nothing any more."""
    keep(browser, **{OLD_NOTE: stored(browser)["binding"]})
    totp_of(alice)
    assert outcome(register(browser, Authenticator())) == "reauthentication_required"


def test_registration_is_no_proof(authenticator: Authenticator, browser: Client) -> None:
    """P15: who adds a passkey has proved nothing about who they are: the marker stays what it was."""
    before = stored(browser)
    enrol(browser, authenticator)
    assert stored(browser) == before


@pytest.mark.server_sessions
def test_two_tabs(browser: Client) -> None:
    """T10: a tab that began before the session was verified, by another one's passkey, finishes after it."""
    other_tab = copy(browser)
    made = Authenticator().create(ask(other_tab, "register-options"))
    enrol(browser, Authenticator())
    assert answer(other_tab, "register", made).status_code == 201
    assert is_signed_in(browser)


def test_confirmed_by_a_newer_passkey(
    alice: User, authenticator: Authenticator, browser: Client
) -> None:
    """P15: a registration that was begun after a code is finished after another tab added a passkey and used it."""
    client, app = browser, totp_of(alice)
    keep(client, **{DEVICE_ID_SESSION_KEY: app.persistent_id})
    begun = Authenticator().create(ask(client, "register-options"))
    newer = enrol(client, authenticator)
    later = timezone.now() + datetime.timedelta(seconds=5)
    Passkey.objects.filter(pk=newer.pk).update(created_at=later)
    keep(client, **{DEVICE_ID_SESSION_KEY: newer.persistent_id})
    assert outcome(answer(client, "register", begun)) == "201"


def test_session_of_another_device_stays(
    alice: User, authenticator: Authenticator, browser: Client
) -> None:
    """P15: a session that a code verified stays verified by that, and so ends with it."""
    device = totp_of(alice)
    keep(browser, **{DEVICE_ID_SESSION_KEY: device.persistent_id})
    enrol(browser, authenticator)
    assert browser.session[DEVICE_ID_SESSION_KEY] == device.persistent_id


def test_without_verification(authenticator: Authenticator, settings: Any, browser: Client) -> None:
    """T23: a passkey that did not verify its user verifies no session, where a site lets it be added."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    enrol(browser, authenticator, user_verified=False)
    assert not is_verified(browser)
    assert register(browser, Authenticator()).status_code == 403


@pytest.mark.parametrize("verified", [True, False])
def test_upgrade(alice: User, verified: bool) -> None:
    """T23: nor does one that the browser added by itself: nobody did anything, whatever its flags say."""
    client = Client()
    client.login(username="alice", password=PASSWORD)
    options = post(client, "register-options", {"upgrade": True}).json()
    made = Authenticator().create(options, user_present=False, user_verified=verified)
    assert answer(client, "register", made).status_code == 201
    assert not is_verified(client)
    assert register(client, Authenticator()).status_code == 403


def test_listed_as_answered(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """The answer says, as the list does, that the session is verified by it."""
    assert register(signed_in(alice), authenticator).json()["current"] is True
