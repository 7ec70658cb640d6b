"""django-mfa 4.6. The user handle is random: a UUID, written as text."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from .attested import attested_credential
from .records import Record, Unreadable
from .tables import TableSource, foreign_model


class DjangoMfa(TableSource):
    """``Authenticator`` with the type ``webauthn``."""

    name = "django-mfa"
    app = "django_mfa"

    def own_rp_id(self) -> str | None:
        """Return its setting."""
        return getattr(settings, "MFA_FIDO2_RP_ID", None)

    def model(self) -> Any:
        """Return the model of authenticators of all types."""
        return foreign_model("django_mfa", "Authenticator")

    def rows(self) -> Any:
        """Return those that are passkeys, with the user's handle."""
        return super().rows().filter(type="webauthn").select_related("user__mfa_user_handle")

    def credential_id(self, row: Any) -> bytes:
        """Return the ID of a row."""
        return bytes.fromhex(row.data["credential_id"])

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Return the stored one."""
        stored = getattr(user, "mfa_user_handle", None)
        if stored is None:
            raise Unreadable("the user handle is not known")
        return (str(stored.handle).encode(),)

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says; one that no authenticator lists was a second step."""
        resident = row.data.get("resident")
        return Record(
            **common,
            **vars(attested_credential(bytes.fromhex(row.data["credential_data"]))),
            handle_is_random=True,
            sign_count=row.data.get("sign_count", 0),
            transports=row.data.get("transports"),
            discoverable=resident if isinstance(resident, bool) else None,
            second_step_only=resident is not True,
            rp_ids=(self.rp_id,) if self.rp_id else (),
            name=row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )
