"""A directory that knows the passwords, as LDAP does: the database has users of it, and no password of theirs.

django-auth-ldap itself needs python-ldap, which must be compiled against OpenLDAP's headers on every machine. This
backend does what matters here as that one does: it looks the password up elsewhere, makes the user at the first
sign-in with an unusable password, finds users by a name in any letter case, and has no opinion about who may sign in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.auth.models import User

from otp_passkeys.policy import Policy

from ..helpers.steps import lose_password


class DirectoryBackend:
    """Asks the directory."""

    passwords: ClassVar[dict[str, str]] = {}
    """By name: what the directory holds."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or not password or self.passwords.get(username.lower()) != password:
            return None
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            user = User(username=username.lower())
            lose_password(user)
        return user

    def get_user(self, user_id: Any) -> User | None:
        return User.objects.filter(pk=user_id).first()


class StoringBackend(DirectoryBackend):
    """Stores a hash of the password at each sign-in, as django-radius does."""

    def authenticate(self, request: Any, *arguments: Any, **credentials: Any) -> User | None:
        user = super().authenticate(request, *arguments, **credentials)
        if user is not None:
            user.set_password(credentials["password"])
            user.save()
        return user


class DirectoryPolicy(Policy):
    """Of a site where everybody has a password, here or in the directory."""

    def has_password(self, user: Any) -> bool:
        return True


@contextmanager
def directory(**passwords: str) -> Iterator[dict[str, str]]:
    """Fill the directory for a while."""
    DirectoryBackend.passwords.update(passwords)
    try:
        yield DirectoryBackend.passwords
    finally:
        DirectoryBackend.passwords.clear()
