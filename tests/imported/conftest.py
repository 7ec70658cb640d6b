"""Alice's imported passkeys."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, enrol
from .helpers import handle_of_package, imported


@pytest.fixture
def old(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give alice an imported passkey, whose handle is known and all hers."""
    passkey = imported(alice, signed_in, authenticator)
    handle_of_package(alice)
    return passkey


@pytest.fixture
def new(old: Passkey, alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give her a passkey of this app, on the same authenticator."""
    return enrol(signed_in(alice), authenticator, force=True)


@pytest.fixture
def key(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give alice a key that another package used as the second step."""
    return imported(
        alice, signed_in, authenticator, handle=None, second_step_only=True, user_verified=False
    )


@pytest.fixture
def by_password(alice: User, signed_in: SignedIn) -> Client:
    """Return a browser in which alice has just given the password, and nothing else."""
    return signed_in(alice, verified=False)
