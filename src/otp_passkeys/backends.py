"""The authentication backend that a passkey signs in through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

    from .models import Passkey


class PasskeyBackend(ModelBackend):
    """Signs in the owner of a passkey whose answer was verified.

    It takes an argument that no other backend takes, so it stands beside any number of them, and those that come
    before it (django-axes, say) may refuse first.
    """

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, verified_passkey: Passkey | None = None, **_: Any
    ) -> AbstractBaseUser | None:
        """Return the owner of a verified passkey if they may sign in.

        :param request: the request that signs in.
        :param verified_passkey: a passkey that :mod:`otp_passkeys.actions` has verified in this very request.
        """
        if verified_passkey is None or not self.user_can_authenticate(verified_passkey.user):
            return None
        user: AbstractBaseUser = verified_passkey.user
        return user

    async def aauthenticate(  # type: ignore[override]
        self, request: HttpRequest | None, verified_passkey: Passkey | None = None, **_: Any
    ) -> AbstractBaseUser | None:
        """Do the same for async code; what ModelBackend inherits to us would take passwords.

        :param request: the request that signs in.
        :param verified_passkey: as for :meth:`authenticate`, with its user loaded.
        """
        return self.authenticate(request, verified_passkey)
