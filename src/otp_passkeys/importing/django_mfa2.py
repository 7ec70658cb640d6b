"""django-mfa2 3. Its keys are second steps, and belong to the user whose name is in the row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import router
from django.utils import timezone

from .attested import attested_credential, decoded
from .handles import from_names
from .records import Record, Unreadable
from .tables import TableSource, foreign_model

_U2F = "U2F"


class DjangoMfa2(TableSource):
    """``User_Keys`` with the types ``FIDO2`` and, to be reported, ``U2F``."""

    name = "django-mfa2"
    app = "mfa"
    owner = "username"

    def own_rp_id(self) -> str | None:
        """Return its setting."""
        rp_id = getattr(settings, "FIDO_SERVER_ID", None)
        return rp_id if isinstance(rp_id, str) else None

    def model(self) -> Any:
        """Return the model of keys of all types."""
        return foreign_model("mfa", "User_Keys")

    def rows(self) -> Any:
        """Return those that are security keys."""
        return super().rows().filter(key_type__in=["FIDO2", _U2F])

    def users(self, rows: Iterable[Any]) -> dict[Any, Any]:
        """Return the users by name: it writes the attribute ``username``, whatever the site signs in by."""
        model = get_user_model()
        fields = {field.name for field in model._meta.get_fields()}
        field = "username" if "username" in fields else model.USERNAME_FIELD
        users = model._base_manager.using(router.db_for_write(model))
        names = {row.username for row in rows}
        return {getattr(user, field): user for user in users.filter(**{f"{field}__in": names})}

    def only(self, users: Iterable[Any]) -> dict[str, Any]:
        """Return the filter for the rows of some users."""
        names = [getattr(user, "username", user.get_username()) for user in users]
        return {f"{self.owner}__in": names}

    def credential_id(self, row: Any) -> bytes:
        """Return the ID in the attested credential data."""
        return attested_credential(decoded(row.properties["device"])).credential_id

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Return those that the name in the row and the user's names make."""
        return () if row.key_type == _U2F else from_names(user, row.username)

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says."""
        if row.key_type == _U2F:
            reason = "a U2F key, which works only with the appid extension"
            raise Unreadable(reason, is_listed=False)
        expired = row.expires is not None and row.expires <= timezone.now()
        return Record(
            **common,
            **vars(attested_credential(decoded(row.properties["device"]))),
            handle_is_certain=False,
            second_step_only=True,
            rp_ids=(self.rp_id,) if self.rp_id else (),
            created_at=row.added_on,
            last_used_at=row.last_used,
            enabled=row.enabled and not expired,
        )
