"""The browser that keeps in step."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator, register

from ..helpers.steps import SignedIn


@pytest.fixture
def browser(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Client:
    """Return alice's browser, signed in and with a passkey."""
    client = signed_in(alice)
    assert register(client, authenticator).status_code == 201
    return client
