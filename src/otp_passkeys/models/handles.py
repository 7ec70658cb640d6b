"""The random user handle of each account, and that its list of passkeys became empty on purpose."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models, router
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .imported import ImportedHandle, handle_key
from .passkeys import HANDLE_LENGTH, Passkey


class UserHandle(models.Model):
    """The random ID by which authenticators know a user (WebAuthn L3 §5.4.3). It never changes.

    New passkeys get it and no other. It is what another package had, where that was random and the account had none.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="passkey_handle",
        verbose_name=_("user"),
    )
    # Translators: WebAuthn's term: the random ID that authenticators know a user by.
    handle = models.BinaryField(_("handle"), max_length=HANDLE_LENGTH)
    emptied_at = models.DateTimeField(
        _("emptied at"),
        null=True,
        help_text=_("When the last passkey was deleted: only then may an empty list be signalled."),
    )
    # It is read with the handle, so that only users who have rows of ImportedHandle pay for reading them.
    has_imported_handles = models.BooleanField(default=False, editable=False)
    # Seconds since 1970, as text: every database compares that with what was read in the same way.
    # Translators: When mails were sent.
    mailed_at = models.CharField(_("mailed at"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("user handle")
        verbose_name_plural = _("user handles")

    def __str__(self) -> str:
        return str(self.user_id)

    @classmethod
    def of(cls, user: Any) -> UserHandle:
        """Return the handle of a user, made now if there was none.

        :param user: a stored user.
        """
        # Two requests at once get the same handle: the primary key lets one insert through.
        handle: UserHandle = cls.objects.using(router.db_for_write(cls)).get_or_create(
            user=user, defaults={"handle": secrets.token_bytes(HANDLE_LENGTH)}
        )[0]
        return handle

    @classmethod
    def joined(cls, user: Any) -> UserHandle | None:
        """Return the handle of a user with the user joined, or None, from the database that writes go to.

        :param user: whose it is.
        """
        rows = cls.objects.using(router.db_for_write(cls)).select_related("user")
        handle: UserHandle | None = rows.filter(pk=user.pk).first()
        return handle


def remember_emptied(sender: Any, instance: Passkey, using: str, **_: Any) -> None:
    """Note that the last passkey of a user, or of one imported handle, was deleted, wherever that happened.

    :param sender: the Passkey class, or a proxy of it.
    :param instance: the passkey that is gone.
    :param using: the alias of the database.
    """
    left = Passkey._default_manager.using(using).filter(user_id=instance.user_id)
    if not left.exists():
        UserHandle.objects.using(using).filter(pk=instance.user_id).update(
            emptied_at=timezone.now()
        )
    if instance.handle is None:
        return
    handle = bytes(instance.handle)
    same = left.filter(rp_id=instance.rp_id, handle=handle)
    ImportedHandle.objects.using(using).filter(
        ~models.Exists(same), user_id=instance.user_id, key=handle_key(instance.rp_id, handle)
    ).update(emptied_at=timezone.now())
