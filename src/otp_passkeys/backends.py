"""The authentication backend that a passkey signs in through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend

from .conf import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

    from .models import Passkey

__all__ = ["PasskeyBackend"]


class PasskeyBackend(BaseBackend):
    """Signs in the owner of a passkey whose answer was verified, and finds the user of a session.

    It takes an argument that no other backend takes, so it works together with any number of them. Backends before it
    (django-axes, for example) may refuse first. It grants no permission: what the other backends of the site deny
    is still denied. The site's policy decides who may sign in.
    """

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, verified_passkey: Passkey | None, **_: Any
    ) -> AbstractBaseUser | None:
        """Return the owner of a verified passkey if they may sign in.

        :param request: the request that signs in.
        :param verified_passkey: a passkey that :mod:`otp_passkeys.actions` has verified in this very request.
        """
        if verified_passkey is None:
            return None
        user: AbstractBaseUser = verified_passkey.user
        return user if conf.OTP_PASSKEYS_POLICY.may_sign_in(user, request) else None

    def get_user(  # type: ignore[override]
        self, user_id: Any
    ) -> AbstractBaseUser | None:
        """Return the user of a session that a passkey opened, as long as they may be signed in.

        :param user_id: the primary key.
        """
        model = get_user_model()
        try:
            user: AbstractBaseUser = model._default_manager.get(pk=user_id)
        except model.DoesNotExist:
            return None
        return user if conf.OTP_PASSKEYS_POLICY.may_sign_in(user) else None
