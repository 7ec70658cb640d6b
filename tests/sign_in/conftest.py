"""Somebody else who may sign in."""

import pytest
from django.contrib.auth.models import User

from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, enrol


@pytest.fixture
def bobs(bob: User, signed_in: SignedIn) -> Authenticator:
    """Give bob a passkey on a device of his own."""
    authenticator = Authenticator()
    enrol(signed_in(bob), authenticator)
    return authenticator
