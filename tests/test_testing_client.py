"""The helpers with which a site's tests go through a ceremony."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator, register, sign_in


def test_refused_options_are_returned(
    csrf_client: Client, client: Client, authenticator: Authenticator, db: None
) -> None:
    """Where no options are given, their answer is the result, and no ceremony is tried."""
    assert register(client, authenticator).status_code == 401
    assert sign_in(csrf_client, authenticator).status_code == 403
    assert authenticator.credentials == []


def test_ceremonies(alice: User, client: Client, authenticator: Authenticator) -> None:
    """A passkey is added and signs in again, over the real addresses."""
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert register(client, authenticator, nickname="Desk").json()["name"] == "Desk"
    visitor = Client()
    answer = sign_in(visitor, authenticator, next="/passkeys/")
    assert answer.json() == {"redirect_url": "/passkeys/"}
    assert visitor.get("/passkeys/").context["passkeys"][0].current
