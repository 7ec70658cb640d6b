"""The authentication backend: it lets in the owner of a verified passkey, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib import auth
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.test import Client

from otp_passkeys.backends import PasskeyBackend
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from .conftest import PASSWORD
from .helpers_rows import stored_passkey

BACKEND = "otp_passkeys.backends.PasskeyBackend"


class Guard:
    """A backend that refuses everybody, as django-axes does with who is locked out."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        raise PermissionDenied


def test_owner(passkey: Passkey, alice: User) -> None:
    """T8: a verified passkey authenticates its owner, through this backend."""
    user = auth.authenticate(None, verified_passkey=passkey)
    assert user == alice
    assert user.backend == BACKEND


def test_session_names_the_backend(passkey: Passkey, authenticator: Authenticator) -> None:
    """T23: the session says that a passkey opened it."""
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert client.session[auth.BACKEND_SESSION_KEY] == BACKEND
    assert auth.get_user(client).is_authenticated


@pytest.mark.parametrize(
    "credentials",
    [
        {"username": "alice", "password": PASSWORD},
        {"username": "alice", "verified_passkey": None},
        {"username": "alice"},
        {"passkey": "alice"},
        {},
    ],
)
def test_nothing_else(passkey: Passkey, settings: Any, credentials: dict[str, Any]) -> None:
    """T8: the backend knows no password and no name; only a verified passkey counts."""
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    assert auth.authenticate(None, **credentials) is None


@pytest.mark.django_db(transaction=True)
def test_no_password_in_async_code(alice: User, settings: Any) -> None:
    """T8: nor is a password taken where the backend is asked asynchronously."""
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    found = async_to_sync(auth.aauthenticate)(None, username="alice", password=PASSWORD)
    assert found is None


@pytest.mark.django_db(transaction=True)
def test_owner_in_async_code(alice: User) -> None:
    """T8: a verified passkey, its user loaded, authenticates its owner in async code too."""
    passkey = Passkey.objects.with_credential_id(bytes(stored_passkey(alice).credential_id))
    assert async_to_sync(auth.aauthenticate)(None, verified_passkey=passkey) == alice


def test_inactive(passkey: Passkey, alice: User, authenticator: Authenticator) -> None:
    """T21: who was switched off is not let in, and a session that was open ends."""
    client = Client()
    sign_in(client, authenticator)
    User.objects.update(is_active=False)
    passkey.refresh_from_db()
    assert auth.authenticate(None, verified_passkey=passkey) is None
    assert not auth.get_user(client).is_authenticated
    assert sign_in(Client(), authenticator).status_code == 403


def test_own_rule_of_a_site(passkey: Passkey, settings: Any, authenticator: Authenticator) -> None:
    """T21: a site that extends the backend decides who may sign in."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.StaffOnly"]
    assert sign_in(Client(), authenticator).status_code == 403
    User.objects.update(is_staff=True)
    assert sign_in(Client(), authenticator).status_code == 200


class StaffOnly(PasskeyBackend):
    """A site's own rule."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and bool(user.is_staff)


@pytest.mark.parametrize("others", [["django.contrib.auth.backends.ModelBackend"], []])
def test_beside_others(
    passkey: Passkey, settings: Any, authenticator: Authenticator, others: list[str]
) -> None:
    """T20: it works before, after and without other backends."""
    for backends in ([*others, BACKEND], [BACKEND, *others]):
        settings.AUTHENTICATION_BACKENDS = backends
        assert sign_in(Client(), authenticator).status_code == 200


def test_an_earlier_backend_may_refuse(
    passkey: Passkey, settings: Any, authenticator: Authenticator
) -> None:
    """T20: a backend that locks out is heard, and the answer is that of any switched-off account."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Guard", BACKEND]
    client = Client()
    answer = sign_in(client, authenticator)
    assert (answer.status_code, answer.json()["code"]) == (403, "credential_disabled")
    assert auth.SESSION_KEY not in client.session


def test_permissions(passkey: Passkey, alice: User, settings: Any) -> None:
    """A site with this backend alone still has the permissions of its users and groups."""
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    permission = Permission.objects.get(codename="delete_passkey")
    group = Group.objects.create(name="support")
    group.permissions.add(permission)
    assert not User.objects.get(pk=alice.pk).has_perm("otp_passkeys.delete_passkey")
    alice.groups.add(group)
    assert User.objects.get(pk=alice.pk).has_perm("otp_passkeys.delete_passkey")
