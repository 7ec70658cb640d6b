"""Passkeys: the credential record, and how its rows are found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, router
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager, TimestampMixin

from ..credentials import CREDENTIAL_ID_MAX_LENGTH
from ..encoding import from_base64url, short_key, to_base64url
from ..numbering import next_number, numbered, tell_apart
from .details import as_written, note_owner

if TYPE_CHECKING:
    from ..providers import Provider
    from .handles import UserHandle

PUBLIC_KEY_MAX_LENGTH = 4096  # bytes; ML-DSA's are longer than others
NICKNAME_MAX_LENGTH = 64
SHOWN_OWNER = 100  # characters of a username beside the name of a passkey
HANDLE_LENGTH = 64  # bytes; WebAuthn L3 §14.6.1


def oldest_first(passkeys: Iterable[Passkey]) -> list[Passkey]:
    """Return passkeys in the order of a list; to have the database sort them costs more than the rest of the query.

    :param passkeys: passkeys of one user. Rows from before the time was noted are the oldest.
    """
    return sorted(passkeys, key=lambda one: (one.created_at is not None, one.created_at, one.pk))


class PasskeyManager(DeviceManager):
    """Manager of :class:`Passkey`."""

    def rows_of(self, user: Any) -> list[Passkey]:
        """Return all rows of a user, oldest first, in one query; each has this user as its owner.

        They come from the database that writes go to: a passkey just added is among them at once.

        :param user: the owner; disabled passkeys are included.
        """
        passkeys = oldest_first(self.using(router.db_for_write(self.model)).filter(user_id=user.pk))
        owner = as_written(user) if passkeys else user
        for passkey in passkeys:
            note_owner(passkey, owner)
        return passkeys

    def for_user(self, user: Any) -> list[Passkey]:
        """Return all passkeys of a user, oldest first, with names that tell them apart, in one query.

        :param user: the owner; disabled passkeys are included. The one that django-otp says opened the session
            (``user.otp_device``) is marked as ``current``.
        """
        passkeys = self.rows_of(user)
        tell_apart(passkeys)
        device = getattr(user, "otp_device", None)
        for passkey in passkeys:
            passkey.current = passkey == device
        return passkeys

    def with_credential_id(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey with a credential ID, its user and user handle joined, or None.

        Reads from the database that writes go to, so that a replica that lags never says "unknown".

        :param credential_id: the raw ID.
        """
        rows = self.using(router.db_for_write(self.model)).select_related("user__passkey_handle")
        # The key is unique, so there is nothing to sort, as first() does.
        passkey = next(iter(rows.filter(credential_key=short_key(credential_id))), None)
        found = passkey is not None and bytes(passkey.credential_id) == credential_id
        return passkey if found else None


class Passkey(TimestampMixin, Device):
    """A passkey of a user: the credential record of WebAuthn L3 §4 as a django-otp device."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="passkeys",
        verbose_name=_("user"),
    )
    # Translators: The name that a user gives a passkey.
    nickname = models.CharField(_("nickname"), max_length=NICKNAME_MAX_LENGTH, blank=True)
    # Text, because MariaDB's UUID type refuses some AAGUIDs that exist.
    aaguid = models.CharField(  # noqa: DJ001 - rows from before the app knew AAGUIDs have none
        _("AAGUID"), max_length=36, null=True, blank=True, editable=False
    )
    credential_id = models.BinaryField(_("credential ID"), max_length=CREDENTIAL_ID_MAX_LENGTH)
    credential_key = models.UUIDField(_("credential key"), unique=True, editable=False)
    public_key = models.BinaryField(_("public key"), max_length=PUBLIC_KEY_MAX_LENGTH)
    rp_id = models.CharField(_("RP ID"), max_length=253, editable=False)
    sign_count = models.PositiveBigIntegerField(_("sign count"), default=0, editable=False)
    # Translators: When the counter of a synced passkey was last lower than before.
    sign_count_fell_at = models.DateTimeField(_("sign count fell at"), null=True, editable=False)
    # Translators: WebAuthn's term: how a passkey is reached, such as USB or NFC.
    transports = models.JSONField(_("transports"), default=list, blank=True, editable=False)
    # It never changes. Most packages do not store it, so an imported passkey has None until it is used.
    # Translators: WebAuthn's term: whether copies of the passkey may be kept.
    backup_eligible = models.BooleanField(_("backup eligible"), null=True, editable=False)
    backup_state = models.BooleanField(_("backup state"), default=False, editable=False)
    user_verified = models.BooleanField(_("user verified"), default=False, editable=False)
    discoverable = models.BooleanField(_("discoverable"), null=True, editable=False)
    # Translators: Of a passkey that signs in only after a password.
    second_step_only = models.BooleanField(_("second step only"), default=False, editable=False)
    # Where another package gave the passkey a user handle that is not the account's.
    handle = models.BinaryField(_("handle"), max_length=HANDLE_LENGTH, null=True)
    # Where it cannot be known: those of which it is one, in base64url. The first verified answer says which.
    handle_candidates = models.JSONField(null=True, editable=False)
    # What tells passkeys of one name apart: the 2 in “YubiKey 2”.
    number = models.PositiveIntegerField(default=1, editable=False)

    shown_number: int | None = None
    """Another number, where the stored one makes two names equal; set by :meth:`PasskeyManager.for_user`."""
    current: bool = False
    """Whether it opened this session; set by :meth:`PasskeyManager.for_user`."""
    elsewhere: bool = False  # made for another address than this one; set by usable.listed()

    objects: ClassVar[PasskeyManager] = PasskeyManager()

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the key that the credential ID is found by."""
        self.credential_key = short_key(bytes(self.credential_id))
        super().save(*args, **kwargs)

    def give_nickname(self, nickname: str, passkeys: Iterable[Passkey]) -> None:
        """Set a nickname, and the number that tells it from the owner's others; nothing is stored.

        :param nickname: as it is stored; an empty one is the provider's name.
        :param passkeys: all of the owner's, with or without this one.
        """
        before = self.plain_name
        self.nickname = nickname
        if self.plain_name == before and self.pk is not None:
            return
        self.number = next_number(self.plain_name, (one for one in passkeys if one.pk != self.pk))
        self.shown_number = None

    @property
    def provider(self) -> Provider:
        """What the AAGUID says about the provider: a hint, never proof (S1.11)."""
        from .. import providers  # late: most processes show no passkey

        return providers.provider(self.aaguid)

    @property
    def plain_name(self) -> str:
        """The nickname, else the provider's name, without a number."""
        return self.nickname or str(self.provider.name)

    @property
    def name(self) -> str:  # type: ignore[override]
        """What the user reads: the plain name, numbered where two would read the same."""
        return numbered(self.plain_name, self.shown_number or self.number)

    @property
    def id_base64url(self) -> str:
        """The credential ID as the browser's methods take it."""
        return to_base64url(bytes(self.credential_id))

    @property
    def account_handle(self) -> UserHandle | None:
        """The handle of the owner's account; rows that were imported may have none."""
        owner: Any = self.user
        related = owner._meta.get_field("passkey_handle")
        if not related.is_cached(owner):
            # Not as Django does it: a replica that lags knows nothing of a handle that was just made.
            model = related.related_model
            rows = model._base_manager.using(router.db_for_write(model)).filter(pk=owner.pk)
            related.set_cached_value(owner, next(iter(rows), None))
        handle: UserHandle | None = related.get_cached_value(owner)
        return handle

    @property
    def known_handle(self) -> bytes | None:
        """The user handle that its authenticator keeps it under, if that is known."""
        if self.handle is not None:
            return bytes(self.handle)
        if self.handle_candidates is not None or self.account_handle is None:
            return None
        return bytes(self.account_handle.handle)

    @property
    def possible_handles(self) -> frozenset[bytes]:
        """The user handles that its answers may name: the one that is known, or those of which it is one."""
        if self.known_handle is not None:
            return frozenset({self.known_handle})
        return frozenset(map(from_base64url, self.handle_candidates or ()))

    @property
    def synced(self) -> bool | None:
        """Whether the provider keeps a copy, so that other devices have it too; None if that is not known."""
        return None if self.backup_eligible is None else self.backup_state

    def __str__(self) -> str:
        # As django-otp names a device; the admin keeps 200 characters, in which both names have room.
        try:
            owner = Truncator(self.user.get_username()).chars(SHOWN_OWNER)
        except ObjectDoesNotExist:
            return self.name
        return f"{self.name} ({owner})"
