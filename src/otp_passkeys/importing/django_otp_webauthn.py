"""django-otp-webauthn 0.10.3 and 0.11.

Since its release 0.5 the user handle is 64 random bytes in a table. Before, it was made from the primary key; which of
the two a passkey has is certain only where it is younger than that table.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models, router
from django.db.migrations.recorder import MigrationRecorder
from django.utils.module_loading import import_string

from ..origins import domains_of
from .attested import authenticator_data
from .records import Record, Unreadable
from .tables import TableSource, foreign_model

_TABLE_OF_HANDLES = "0004_webauthnuserhandle"
# How long the old code may have run on after the table was made.
_GRACE = timedelta(days=1)
# Before 0.5 so many zero bytes were hashed as the key says, which takes a moment.
_LARGEST_KEY = 10_000_000


class DjangoOtpWebauthn(TableSource):
    """``WebAuthnCredential``, or the model that the site put in its place."""

    name = "django-otp-webauthn"
    app = "django_otp_webauthn"
    keeps_rp_id = True

    def own_rp_id(self) -> str | None:
        """Return its setting; a callable would need a request."""
        if getattr(settings, "OTP_WEBAUTHN_RP_ID_CALLABLE", ""):
            return None
        return getattr(settings, "OTP_WEBAUTHN_RP_ID", "") or None

    def model(self) -> Any:
        """Return the model of its credentials, which a site may have replaced."""
        model: type[models.Model] = import_string(
            "django_otp_webauthn.utils.get_credential_model"
        )()
        return model

    def rows(self) -> Any:
        """Return the rows with the user's handle and the attestation."""
        return super().rows().select_related("user__webauthn_user_handle", self._attestation)

    def credential_id(self, row: Any) -> bytes:
        """Return the ID of a row."""
        return bytes(row.credential_id)

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Return the random handle, and the one of the old release where the row may be from then."""
        stored = getattr(user, "webauthn_user_handle", None)
        random = () if stored is None else (bytes.fromhex(stored.handle_hex),)
        found = random if random and self._is_younger(row) else random + _of_old_release(user.pk)
        if not found:
            raise Unreadable("the user handle is not known")
        return found

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says; the attestation has the RP ID and whether the user was verified."""
        attestation = getattr(row, self._attestation, None)
        said = None if attestation is None else authenticator_data(bytes(attestation.data))
        rp_ids = [self.rp_id] if self.rp_id else []
        if attestation is not None:
            client_data = json.loads(bytes(attestation.client_data_json))
            rp_ids += domains_of(client_data.get("origin"))
        return Record(
            **common,
            handle_is_certain=len(common["handles"]) == 1,
            handle_is_random=getattr(row.user, "webauthn_user_handle", None) is not None,
            credential_id=bytes(row.credential_id),
            public_key=bytes(row.public_key),
            sign_count=row.sign_count,
            aaguid=row.aaguid,
            transports=row.transports,
            backup_eligible=row.backup_eligible,
            backup_state=row.backup_state,
            user_verified=None if said is None else said.user_verified,
            discoverable=row.discoverable,
            # Without the attestation, nothing proves that the user was verified.
            second_step_only=said is None or not said.user_verified,
            rp_ids=tuple(rp_ids),
            rp_id_hash=None if said is None else said.rp_id_hash,
            name=row.name,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            enabled=row.confirmed,
        )

    @cached_property
    def _attestation(self) -> str:
        """The name by which a credential has its attestation."""
        model = import_string("django_otp_webauthn.utils.get_attestation_model")()
        name: str = model._meta.get_field("credential").remote_field.get_accessor_name()
        return name

    @cached_property
    def _applied(self) -> dict[str, Any]:
        """When each migration of the package was applied."""
        model = foreign_model("django_otp_webauthn", "WebAuthnUserHandle")
        using = router.db_for_write(model)
        rows = MigrationRecorder.Migration.objects.using(using).filter(app="django_otp_webauthn")
        return dict(rows.values_list("name", "applied"))

    def _is_younger(self, row: Any) -> bool:
        """Say whether a row was certainly made when handles were random."""
        since = self._applied.get(_TABLE_OF_HANDLES)
        if since is None or row.created_at is None:
            return False
        is_new = since - min(self._applied.values()) < timedelta(hours=1)  # the old code never ran
        return bool(row.created_at > (since if is_new else since + _GRACE))


def _of_old_release(key: object) -> tuple[bytes, ...]:
    """Return the handle that releases before 0.5 made, for the keys that they could make one for."""
    if not isinstance(key, int) or not 0 <= key <= _LARGEST_KEY:
        return ()
    return (hashlib.sha256(bytes(key)).digest(),)
