"""What sites put in the place of a package's own: another way to make user handles."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .settings import SOURCE

if SOURCE == "allauth":
    from allauth.mfa.adapter import DefaultMFAAdapter

    class Adapter(DefaultMFAAdapter):
        """Makes a handle of its own."""

        def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
            entity = super().get_public_key_credential_user_entity(user)
            return {**entity, "id": f"user {user.pk} of ours".encode()}

    class WrongAdapter(DefaultMFAAdapter):
        """Gives text where bytes should be."""

        def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
            return {"id": str(user.pk)}


class Mixin:
    """Makes a handle of its own."""

    request: Any

    @property
    def webauthn_user(self) -> Any:
        return SimpleNamespace(id=f"user {self.request.user.pk} of ours".encode())


class WrongMixin(Mixin):
    """Gives text where bytes should be."""

    @property
    def webauthn_user(self) -> Any:
        return SimpleNamespace(id=str(self.request.user.pk))
