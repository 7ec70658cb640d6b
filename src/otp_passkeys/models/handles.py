"""The random user handle of each account, and that its list of passkeys became empty on purpose."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, router, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .details import as_written, note_owner
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
        """Make the handle of a user, or return the one that another request has made meanwhile.

        :param user: a stored user.
        """
        rows = cls.objects.using(router.db_for_write(cls))
        try:
            with transaction.atomic(using=rows.db):
                made = cls(user_id=user.pk, handle=secrets.token_bytes(HANDLE_LENGTH))
                made.save(force_insert=True, using=rows.db)
                note_owner(made, user)
                return made
        except IntegrityError:
            # Two requests at once get the same handle: the primary key lets one insert through.
            handle: UserHandle | None = rows.filter(pk=user.pk).first()
            if handle is None:  # it is the user who is gone
                raise
            return handle

    @classmethod
    def with_passkeys(
        cls, user: Any, *names: str, of_passkeys: Iterable[str]
    ) -> tuple[UserHandle | None, list[Passkey]]:
        """Return the handle of a user, or None, and all of the user's passkeys, in no order, with one query.

        What is named is read, from the database that writes go to. To read all would cost a multiple, and to read
        something else later costs a query.

        :param user: whose they are; disabled passkeys are included.
        :param names: of what is read of the row of the handle, beside the handle.
        :param of_passkeys: the names of what is read of each passkey.
        """
        using = router.db_for_write(cls)
        own, theirs = _columns(cls, "handle", *names), _columns(Passkey, "id", *of_passkeys)
        rows = _joined(own, theirs).using(using).filter(pk=user.pk)
        handle, passkeys, owner = None, [], as_written(user) if rows else user
        for row in rows:
            # Both are joined from the outside, so either may be missing: then all of its columns are null.
            of_handle, of_passkey = row[: len(own)], row[len(own) :]
            if handle is None and any(of_handle):
                handle = cls.from_db(using, own, of_handle)
                handle.user_id = user.pk
                note_owner(handle, owner)
            if any(of_passkey):
                passkey = Passkey.from_db(using, theirs, of_passkey)
                passkey.user_id = user.pk
                note_owner(passkey, owner)
                passkeys.append(passkey)
        return handle, passkeys


@functools.cache
def _columns(model: type[models.Model], *names: str) -> tuple[str, ...]:
    """Return the names of some columns in the order that a model has them, in which it takes their values."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


@functools.cache
def _joined(own: tuple[str, ...], theirs: tuple[str, ...]) -> models.QuerySet[Any, Any]:
    """Return the query for all users, never run: to find the way to each column costs more than the rest of it.

    :param own: the names of the columns of handles.
    :param theirs: those of passkeys.
    """
    every: models.QuerySet[Any, Any] = get_user_model()._base_manager.values_list(
        *(f"passkey_handle__{name}" for name in own), *(f"passkeys__{name}" for name in theirs)
    )
    return every


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
