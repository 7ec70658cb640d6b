"""Steps of an import: the command, and signing in here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from otp_passkeys.testing import Authenticator, sign_in
from tests.conftest import PASSWORD
from tests.helpers.importing import Ran, run

from .conftest import SOURCE


def run_import(*arguments: str) -> Ran:
    """Import from the package of this run."""
    return run("import_passkeys", SOURCE, *arguments)


def is_verified(client: Client) -> bool:
    """Say whether django-otp calls a session verified."""
    return DEVICE_ID_SESSION_KEY in client.session


def use(user: User, authenticator: Authenticator, *, alone: bool, **options: Any) -> Client:
    """Sign in with a passkey, or use it as the second step after a password, and return the verified session."""
    client = Client()
    if not alone:
        assert sign_in(client, authenticator, **options).json()["code"] == "second_step_only"
        form = {"username": user.username, "password": PASSWORD}
        assert client.post("/passkeys/sign-in/", form, secure=True).status_code == 302
        assert not is_verified(client)
    response = sign_in(client, authenticator, **options)
    assert response.status_code == 200, response.content
    assert is_verified(client)
    return client
