"""The browser of somebody who is asked again."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ..helpers.reauthentication import grow_old
from ..helpers.steps import SignedIn


@pytest.fixture
def stale(alice: User, signed_in: SignedIn) -> Client:
    """Return the browser of alice, who proved long ago who she is."""
    browser = signed_in(alice)
    grow_old(browser)
    return browser
