"""django-passkeys 2.1 and 2.2. Its passkeys sign in alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from .attested import attested_credential, decoded
from .handles import from_names
from .records import Record
from .tables import TableSource, foreign_model


class DjangoPasskeys(TableSource):
    """``UserPasskey``."""

    name = "django-passkeys"
    app = "passkeys"

    def own_rp_id(self) -> str | None:
        """Return its setting; a callable would need a request."""
        rp_id = getattr(settings, "FIDO_SERVER_ID", None)
        return rp_id if isinstance(rp_id, str) else None

    def model(self) -> Any:
        """Return the model of passkeys."""
        return foreign_model("passkeys", "UserPasskey")

    def credential_id(self, row: Any) -> bytes:
        """Return the ID in the attested credential data."""
        return attested_credential(decoded(row.token)).credential_id

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Return those that the user's names make."""
        return from_names(user)

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says."""
        return Record(
            **common,
            **vars(attested_credential(decoded(row.token))),
            handle_is_certain=False,
            second_step_only=False,
            rp_ids=(self.rp_id,) if self.rp_id else (),
            name=row.name,
            created_at=row.added_on,
            last_used_at=row.last_used,
            enabled=row.enabled,
        )
