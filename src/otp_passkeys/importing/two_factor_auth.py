"""django-two-factor-auth 1.18. Its keys are second steps.

The user handle is made by a mixin, which is asked, because a site may have put another in its place.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from .attested import decoded
from .records import Record, Unreadable
from .tables import TableSource, foreign_model


class TwoFactorAuth(TableSource):
    """``WebauthnDevice``."""

    name = "two-factor-auth"
    app = "two_factor.plugins.webauthn"

    def own_rp_id(self) -> str | None:
        """Return its setting; without one it takes the host of the request."""
        return getattr(settings, "TWO_FACTOR_WEBAUTHN_RP_ID", None)

    def model(self) -> Any:
        """Return the model of devices."""
        return foreign_model("two_factor_webauthn", "WebauthnDevice")

    def credential_id(self, row: Any) -> bytes:
        """Return the ID of a row, which the package calls a key handle."""
        return decoded(row.key_handle)

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Ask the mixin."""
        path: str = settings.TWO_FACTOR_WEBAUTHN_ENTITIES_FORM_MIXIN  # type: ignore[misc]
        mixin = import_string(path)
        form = mixin.__new__(mixin)
        form.request = SimpleNamespace(user=user)
        handle = form.webauthn_user.id
        if not isinstance(handle, bytes):
            raise Unreadable("the user handle is not known: the mixin gave no bytes")
        return (handle,)

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says; the name ``default``, which the package gives every row, is not one."""
        return Record(
            **common,
            credential_id=decoded(row.key_handle),
            public_key=decoded(row.public_key),
            sign_count=row.sign_count,
            second_step_only=True,
            rp_ids=(self.rp_id,) if self.rp_id else (),
            name="" if row.name == "default" else row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            enabled=row.confirmed,
        )
