"""The form with the password: what it offers to whom."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ..helpers.remembered import page, post_password, remembering, selectors


@pytest.mark.parametrize("can_reset", [True, False])
def test_forgotten_password(bob: User, settings: Any, can_reset: bool) -> None:
    """S4.7: where the site can send a new password, each field for one says so, and nowhere else."""
    if can_reset:
        settings.ROOT_URLCONF = "tests.urls_password_reset"
    client = remembering(bob)
    [selector] = selectors(client)
    browser = Client()
    browser.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    for text in (
        page(client, other="1"),
        page(client, account=selector),
        browser.get("/passkeys/reauthenticate/").content.decode(),
    ):
        assert ('href="/reset/">Forgot your password?</a>' in text) is can_reset
    assert "Forgot your password?" not in page(client)


def test_wrong_password_is_typed_again(alice: User) -> None:
    """S4.3: after a wrong password the name stays, and the focus is on the password, with the reason beside it."""
    focused = re.compile(r'<input[^>]*name="(\w+)"[^>]* autofocus')
    client = Client()
    assert focused.findall(page(client)) == ["username"]
    text = post_password(client, username="alice", password="wrong").content.decode()
    assert focused.findall(text) == ["password"]
    assert 'value="alice"' in text
    assert 'aria-describedby="otp-passkeys-wrong"' in text
    assert text.count('id="otp-passkeys-wrong"') == 1
