"""The browser of somebody who has something to lose."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn


@pytest.fixture
def owner(alice: User, signed_in: SignedIn) -> Client:
    """Return alice's browser, signed in; she has a passkey."""
    stored_passkey(alice)
    return signed_in(alice)
