"""What browsers are told of passkeys that came from another package (S5.4, S5.7, S5.8)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register
from tests.helpers.sync import fetch, synchronise

from .packages import Package
from .steps import run_import, use

pytestmark = pytest.mark.django_db
Uninstalled = Callable[[], AbstractContextManager[object]]


def test_beside_a_new_one(
    alice: User, old: Package, authenticator: Authenticator, uninstalled: Uninstalled
) -> None:
    """Old and new both sign in, are renamed and not deleted; one that is deleted goes alone (S5.4, S5.7)."""
    old.register(alice, authenticator)
    run_import("--finish")
    browser = use(alice, authenticator, alone=old.signs_in_alone)
    phone = Authenticator()
    assert register(browser, phone, nickname="Phone").status_code == 201
    new = Passkey.objects.get(nickname="Phone")
    assert len(phone.credentials[0].user_handle) == (36 if _is_uuid(alice) else 64)
    use(alice, phone, alone=True)
    alice.first_name = "Alicia"
    alice.save()
    with uninstalled():
        for one in (authenticator, phone):
            synchronise(use(alice, one, alone=True), one)
            assert [held.user_display_name for held in one.credentials] == ["Alicia Archer"]
        Passkey.objects.exclude(pk=new.pk).get().delete()
        for one, left in ((authenticator, 0), (phone, 1)):
            synchronise(use(alice, phone, alone=True), one)
            assert len(one.credentials) == left


def _is_uuid(user: User) -> bool:
    """Say whether the account's own handle is django-mfa's."""
    return len(bytes(user.passkey_handle.handle)) == 36


def test_not_yet(
    alice: User, old: Package, authenticator: Authenticator, uninstalled: Uninstalled
) -> None:
    """No list goes out while the package is installed, nor before `--finish` (S5.7, S5.8)."""
    old.register(alice, authenticator)
    run_import()
    browser = use(alice, authenticator, alone=old.signs_in_alone)

    def lists() -> list[bool]:
        payload = fetch(browser)
        theirs = authenticator.credentials[0].user_handle
        from otp_passkeys.testing import to_base64url

        calls = [payload, *payload["former"]]
        return [
            "allAcceptedCredentialIds" in call
            for call in calls
            if call["userId"] == to_base64url(theirs)
        ]

    assert lists() == [False]
    with uninstalled():
        assert lists() == [False]
    run_import("--finish")
    assert lists() == [False]
    with uninstalled():
        assert lists() == [True]
