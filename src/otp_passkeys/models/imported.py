"""What an import stores in addition to passkeys: the handles that it brought, and which credentials it took."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..encoding import short_key
from .passkeys import HANDLE_LENGTH


def handle_key(rp_id: str, handle: bytes) -> uuid.UUID:
    """Return what a handle is found by: authenticators keep passkeys by RP ID and handle.

    :param rp_id: an RP ID.
    :param handle: a user handle.
    """
    return short_key(rp_id.encode() + b"\0" + handle)


class ImportedHandle(models.Model):
    """A user handle that another package gave an account, at one RP ID.

    Only the sync and deletions read these rows, and only for users of whom
    :attr:`UserHandle.has_imported_handles <otp_passkeys.models.UserHandle.has_imported_handles>` says that they have
    some. A handle without a row here, but the account's own, is never signalled. If another package's random handle
    became the account's, a row for it says whether its passkeys are all here.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
    )
    rp_id = models.CharField(max_length=253)
    handle = models.BinaryField(max_length=HANDLE_LENGTH)
    # Of RP ID and handle: bytes and long texts are no index on every database.
    key = models.UUIDField(editable=False)
    # Whether all passkeys that the other package has under it are here, and it makes no more.
    complete = models.BooleanField(default=False)
    # Whether another account has it too, or may have it.
    shared = models.BooleanField(default=False)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("imported user handle")
        verbose_name_plural = _("imported user handles")
        # The key first, so that an import finds out at once who else has a handle.
        constraints = (
            models.UniqueConstraint(fields=["key", "user"], name="otp_passkeys_imported_handle"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} ({self.rp_id})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the key that the handle is found by."""
        self.key = handle_key(self.rp_id, bytes(self.handle))
        super().save(*args, **kwargs)


class ImportedCredential(models.Model):
    """That a credential was imported once: what was deleted here since then never comes back with the next import.

    It outlives the passkey, and goes with the user.
    """

    credential_key = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
    )

    class Meta:
        verbose_name = _("imported credential")
        verbose_name_plural = _("imported credentials")

    def __str__(self) -> str:
        return str(self.credential_key)
