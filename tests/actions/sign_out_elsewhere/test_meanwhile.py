"""Signing out everywhere else, where something happens meanwhile or the user has an odd password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.db.models.signals import pre_save
from django.test import Client

from otp_passkeys import actions
from otp_passkeys.exceptions import TryAgain
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ...conftest import PASSWORD
from ...helpers.sign_out_elsewhere import end_others
from ...helpers.steps import SignedIn, is_signed_in, lose_password, outcome


@contextmanager
def before_saving(sender: type[Model], action: Any) -> Iterator[None]:
    """Do something when a row is about to be saved."""

    def receiver(**_: Any) -> None:
        action()

    pre_save.connect(receiver, sender=sender)
    try:
        yield
    finally:
        pre_save.disconnect(receiver, sender=sender)


@pytest.mark.parametrize("has_password", [True, False])
@pytest.mark.database_sessions
def test_ended_session_stays_ended(alice: User, signed_in: SignedIn, has_password: bool) -> None:
    """T16: a session that a sign-out in another tab ends at this moment does not come back under a new key."""
    if not has_password:
        lose_password(alice)
    client = signed_in(alice)
    with before_saving(User, lambda: Session.objects.all().delete()):
        response = end_others(client, password=PASSWORD)
    assert response.status_code == 400
    assert not Session.objects.exists()
    assert not is_signed_in(client)


def test_two_at_once(carol: User, signed_in: SignedIn) -> None:
    """P11, P15: who is signed out at this moment does not sign out the others by a request that began before."""
    thief = signed_in(carol).get("/").wsgi_request
    assert thief.user.password == carol.password  # loaded, as at the start of a request
    owner = signed_in(carol)
    assert end_others(owner).status_code == 200
    with pytest.raises(TryAgain):
        actions.sign_out_elsewhere(thief)
    assert is_signed_in(owner)


def test_account_gone(carol: User, signed_in: SignedIn) -> None:
    """T11: an account that is deleted meanwhile is refused like one that is signed out, not by an error."""
    request = signed_in(carol).get("/").wsgi_request
    assert request.user.is_authenticated
    User.objects.all().delete()
    with pytest.raises(TryAgain):
        actions.sign_out_elsewhere(request)


def test_empty_password(passkey: Passkey, authenticator: Authenticator) -> None:
    """P11: a user whom RemoteUserBackend made has an empty password, which none fits: none is asked for."""
    User.objects.update(password="")
    here, other = Client(), Client()
    for client in (here, other):
        assert sign_in(client, authenticator).status_code == 200
    assert b'type="password"' not in here.get("/passkeys/sign-out-elsewhere/").content
    assert outcome(end_others(here, as_json=True)) == "204"
    assert is_signed_in(here)
    assert not is_signed_in(other)
