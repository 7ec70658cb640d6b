"""Packages that make the user handle from the user name, which may change."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import ImportedHandle
from otp_passkeys.testing import Authenticator, sign_in

from .packages import Package
from .steps import run_import, use

pytestmark = [pytest.mark.django_db, pytest.mark.source("django-passkeys", "django-mfa2")]


def test_other_names(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A user who was known by the e-mail address, in capitals, signs in all the same (S5.1)."""
    User.objects.filter(pk=alice.pk).update(username="alice@example.com")
    old.register(User.objects.get(pk=alice.pk), authenticator)
    User.objects.filter(pk=alice.pk).update(username="alice", email="Alice@Example.com")
    _follow_the_name(old, "alice")
    assert run_import().status == 0
    alice.refresh_from_db()
    use(alice, authenticator, alone=old.signs_in_alone)


def test_renamed(alice: User, old: Package, authenticator: Authenticator, client: Any) -> None:
    """Under a name that nothing here knows any more, the handle cannot be known, and the passkey is refused."""
    old.register(alice, authenticator)
    User.objects.filter(pk=alice.pk).update(username="alicia", email="")
    _follow_the_name(old, "alicia")
    assert run_import().status == 0
    assert sign_in(client, authenticator).json()["code"] == "credential_user_mismatch"


def test_shared(alice: User, bob: User, old: Package, authenticator: Authenticator) -> None:
    """A handle that two accounts may have is in no list of either (S5.7)."""
    User.objects.filter(pk=bob.pk).update(email="alice", first_name="Bob")
    bob.refresh_from_db()
    old.register(alice, authenticator)
    old.register(bob, Authenticator())
    run_import("--finish")
    shared = ImportedHandle.objects.filter(shared=True)
    assert {row.user for row in shared} == {alice, bob}
    assert {bytes(row.handle) for row in shared} == {authenticator.credentials[0].user_handle}


def test_long_name(alice: User, old: Package, authenticator: Authenticator) -> None:
    """A name that no handle can have held is no candidate."""
    old.register(alice, authenticator)
    User.objects.filter(pk=alice.pk).update(username=49 * "a", email="")
    _follow_the_name(old, 49 * "a")
    assert run_import().lines[0].endswith("left: the user handle is not known.")


def _follow_the_name(old: Package, name: str) -> None:
    """Let rows that name their user do so by the new name."""
    for row in old.rows():
        if hasattr(row, "username"):
            type(row).objects.filter(pk=row.pk).update(username=name)
