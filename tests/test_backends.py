"""The authentication backend: it lets in the owner of a verified passkey, and nobody else."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib import auth
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.test import Client

from otp_passkeys.backends import PasskeyBackend
from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_refused
from otp_passkeys.testing import Authenticator, sign_in

from .conftest import PASSWORD
from .helpers.reauthentication import stored
from .helpers.rows import stored_passkey
from .helpers.signals import sent
from .helpers.steps import SignedIn, is_signed_in, outcome

BACKEND = "otp_passkeys.backends.PasskeyBackend"
DELETE = "otp_passkeys.delete_passkey"


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


def test_account_that_is_gone(passkey: Passkey, alice: User, authenticator: Authenticator) -> None:
    """T11: a session that a passkey opened ends with its account."""
    client = Client()
    sign_in(client, authenticator)
    alice.delete()
    assert not is_signed_in(client)


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


@pytest.mark.parametrize("others", [["django.contrib.auth.backends.ModelBackend"], []])
@pytest.mark.usefixtures("passkey")
def test_beside_others(settings: Any, authenticator: Authenticator, others: list[str]) -> None:
    """T20: it works before, after and without other backends."""
    for backends in ([*others, BACKEND], [BACKEND, *others]):
        settings.AUTHENTICATION_BACKENDS = backends
        assert sign_in(Client(), authenticator).status_code == 200


@pytest.mark.usefixtures("passkey")
def test_an_earlier_backend_may_refuse(settings: Any, authenticator: Authenticator) -> None:
    """T20: a backend that locks out is heard, and the answer is that of any switched-off account."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Guard", BACKEND]
    client = Client()
    answer = sign_in(client, authenticator)
    assert (answer.status_code, answer.json()["code"]) == (403, "credential_disabled")
    assert auth.SESSION_KEY not in client.session


class Denying(ModelBackend):
    """The site's own backend, which takes a permission away from everybody."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm != DELETE and super().has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return app_label != "otp_passkeys" and super().has_module_perms(user_obj, app_label)


@pytest.mark.parametrize(
    "backends", [[f"{__name__}.Denying", BACKEND], [BACKEND, f"{__name__}.Denying"]]
)
@pytest.mark.parametrize("by_group", [True, False])
def test_no_permission(alice: User, settings: Any, backends: list[str], by_group: bool) -> None:
    """T29: what the site's own backend denies, ours does not give back; what it grants, stays granted."""
    settings.AUTHENTICATION_BACKENDS = backends
    given = Permission.objects.filter(codename__in=["delete_passkey", "view_user"])
    group = Group.objects.create(name="support")
    (group.permissions if by_group else alice.user_permissions).set(given)
    alice.groups.add(group)
    user = User.objects.get(pk=alice.pk)
    assert not user.has_perm(DELETE)
    assert not user.has_module_perms("otp_passkeys")
    assert user.has_perm("auth.view_user")
    assert user.has_module_perms("auth")
    assert not User.objects.with_perm(DELETE, backend=BACKEND).exists()


def test_no_permission_alone(alice: User, settings: Any) -> None:
    """T29: nor does it grant one where it stands alone, not even to a superuser's group."""
    settings.AUTHENTICATION_BACKENDS = [BACKEND]
    alice.user_permissions.set(Permission.objects.all())
    user = User.objects.get(pk=alice.pk)
    assert user.get_all_permissions() == set()
    assert not user.has_perm(DELETE)
    assert not user.has_module_perms("otp_passkeys")
    assert not User.objects.with_perm(DELETE).exists()
    assert not hasattr(PasskeyBackend(), "user_can_authenticate")
    assert not issubclass(PasskeyBackend, ModelBackend)


class ByCookie:
    """A site's backend that goes by something else in the request than the passkey."""

    def authenticate(self, request: Any, **credentials: Any) -> User | None:
        found: User | None = User.objects.filter(username=request.COOKIES.get("who")).first()
        return found

    def get_user(self, user_id: Any) -> User:
        return User.objects.get(pk=user_id)


@pytest.mark.parametrize("own", [True, False])
def test_another_user(
    passkey: Passkey, eve: User, settings: Any, authenticator: Authenticator, own: bool
) -> None:
    """T28: a backend that returns somebody else does not make alice's passkey open eve's session."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.ByCookie", BACKEND]
    client = Client()
    client.cookies["who"] = "alice" if own else "eve"
    with sent(passkey_refused) as refused, sent(user_login_failed) as failed:
        response = sign_in(client, authenticator)
    passkey.refresh_from_db()
    if own:
        assert response.status_code == 200
        assert auth.get_user(client).username == "alice"
        return
    assert outcome(response) == "credential_user_mismatch"
    assert auth.SESSION_KEY not in client.session
    assert passkey.last_used_at is None
    assert len(refused) == len(failed) == 1


def test_another_user_confirms(
    passkey: Passkey, eve: User, settings: Any, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """T28: nor does it confirm a session, whoever the backend names."""
    client = signed_in(passkey.user)
    settings.AUTHENTICATION_BACKENDS = [
        *settings.AUTHENTICATION_BACKENDS[:1],
        f"{__name__}.ByCookie",
    ]
    client.cookies["who"] = "eve"
    marker = stored(client)
    assert outcome(sign_in(client, authenticator)) == "credential_user_mismatch"
    assert stored(client) == marker
