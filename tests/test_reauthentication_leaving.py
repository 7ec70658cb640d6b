"""The page that asks who is there is no dead end: it says why it asks, how to leave, and who helps."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from .helpers_reauthentication import totp_of
from .helpers_rows import stored_passkey
from .helpers_steps import SignedIn
from .test_reauthentication_page import text

HELP = "ask the people who run this site"


@pytest.mark.parametrize("can_reset", [True, False])
def test_help_where_the_only_way_may_fail(
    alice: User, signed_in: SignedIn, settings: Any, can_reset: bool
) -> None:
    """S4.7: the only way may be lost, so the page says who helps, unless the password can be reset."""
    if can_reset:
        settings.ROOT_URLCONF = "tests.urls_password_reset"
    assert (HELP in text(signed_in(alice))) is not can_reset
    stored_passkey(alice)
    assert HELP not in text(signed_in(alice))  # two ways
    alice.set_unusable_password()
    alice.save()
    assert HELP in text(signed_in(alice))
    totp_of(alice)
    assert HELP not in text(signed_in(alice))
    alice.passkeys.all().delete()
    assert HELP in text(signed_in(alice))
