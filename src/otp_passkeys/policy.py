"""What the site decides about its users, its authentication backends and their passkeys."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import signature
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_backends
from django.contrib.auth.backends import RemoteUserBackend

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .models import Passkey

__all__ = ["Policy"]


class Policy:
    """Decides as fits an ordinary site.

    To decide otherwise, subclass it, override what differs, and name the subclass in ``OTP_PASSKEYS_POLICY``.
    """

    def proves_identity(self, backend: Any) -> bool:
        """Say whether a sign-in through a backend proves that the user is there.

        A backend that believes a header of the proxy does not ask. If your proxy asks users, let it count.

        :param backend: an instance of the class that signed the user in.
        """
        return not isinstance(backend, RemoteUserBackend)

    def may_sign_in(self, user: Any, request: HttpRequest | None = None) -> bool:
        """Say whether a user may sign in with a passkey, and go on with the session.

        The other backends of the site are asked (``user_can_authenticate``), and one yes is enough, also of one that
        inherits the method from ``ModelBackend``. Where none has an opinion, active users may.

        :param user: who it is.
        :param request: the request that signs in; None where a session is continued.
        """
        opinions = [
            backend.user_can_authenticate(user)
            for backend in get_backends()
            if hasattr(backend, "user_can_authenticate")
        ]
        return any(opinions) if opinions else bool(user.is_active)

    def has_password(self, user: Any) -> bool:
        """Say whether a user has a password that they can be asked for, and a backend of the site takes it.

        :param user: who it is. A directory may know the password of a user who has none in the database.
        """
        return has_stored_password(user) and any(map(_takes_password, get_backends()))

    def sign_count_may_repeat(self, passkey: Passkey) -> bool:
        """Say whether a passkey that is bound to its device may be used although its sign count did not grow.

        That may mean that someone copied it (WebAuthn L3 §7.2 step 22). Synced passkeys are not asked about.

        :param passkey: the passkey, as it was before.
        """
        return False

    def other_ways_in(self, user: Any) -> Iterable[str]:
        """Name the ways to sign in that a user has, other than passkeys and the password, such as ``["Google"]``.

        :param user: who it is. Users without any of these cannot delete their last passkey.
        """
        return ()


def has_stored_password(user: Any) -> bool:
    """Say whether the database has the hash of a password of a user, whatever a directory may know.

    :param user: who it is.
    """
    # Django calls an empty one usable, which users have whom RemoteUserBackend made, and none at all, as on models
    # without the field. No password fits either.
    return bool(user.has_usable_password() and getattr(user, "password", None))


def _takes_password(backend: Any) -> bool:
    """Say whether a backend may sign somebody in with a password; those that only guard find no users."""
    if not hasattr(backend, "get_user"):
        return False
    try:  # as Django finds out whom to ask
        signature(backend.authenticate).bind(None, username=None, password=None)
    except TypeError:
        return False
    return True
