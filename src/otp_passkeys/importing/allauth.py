"""django-allauth 65, ``allauth.mfa``.

It keeps the registration as the browser sent it. The user handle is made from the primary key by its adapter, which is
asked, because a site may have overridden it.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.module_loading import import_string

from ..origins import domains_of
from .attested import authenticator_data, decoded
from .records import Record, Unreadable
from .tables import TableSource, foreign_model


class Allauth(TableSource):
    """``Authenticator`` with the type ``webauthn``."""

    name = "allauth"
    app = "allauth.mfa"
    keeps_rp_id = True

    def own_rp_id(self) -> str | None:
        """Return None: it takes the host of the request."""
        return None

    def model(self) -> Any:
        """Return the model of authenticators of all types."""
        return foreign_model("mfa", "Authenticator")

    def rows(self) -> Any:
        """Return those that are passkeys."""
        return super().rows().filter(type="webauthn")

    def credential_id(self, row: Any) -> bytes:
        """Return the ID that the browser named."""
        return decoded(row.data["credential"]["id"])

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Ask the adapter."""
        adapter = import_string("allauth.mfa.adapter.get_adapter")()
        handle = adapter.get_public_key_credential_user_entity(user)["id"]
        if not isinstance(handle, bytes):
            raise Unreadable("the user handle is not known: the adapter gave no bytes")
        return (handle,)

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says."""
        credential = row.data["credential"]
        response = credential["response"]
        said = authenticator_data(decoded(response["attestationObject"]))
        client_data = json.loads(decoded(response["clientDataJSON"]))
        listed = (credential.get("clientExtensionResults") or {}).get("credProps") or {}
        discoverable = listed.get("rk")
        return Record(
            **common,
            **vars(said.credential),
            sign_count=said.sign_count,
            transports=response.get("transports"),
            backup_eligible=said.backup_eligible,
            backup_state=said.backup_state,
            user_verified=said.user_verified,
            discoverable=discoverable if isinstance(discoverable, bool) else None,
            second_step_only=not said.user_verified,
            rp_ids=(*([self.rp_id] if self.rp_id else ()), *domains_of(client_data.get("origin"))),
            rp_id_hash=said.rp_id_hash,
            name=row.data.get("name") or "",
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )
