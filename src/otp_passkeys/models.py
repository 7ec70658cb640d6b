"""What is stored: passkeys, one user handle for each user, and the challenges that were answered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, router
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager, TimestampMixin

from . import providers
from .encoding import short_key, to_base64url
from .numbering import number_equal_names

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

CREDENTIAL_ID_MAX_LENGTH = 1023  # bytes; WebAuthn L3 §7.1 step 25
PUBLIC_KEY_MAX_LENGTH = 4096  # bytes; ML-DSA's are longer than others
NICKNAME_MAX_LENGTH = 64
HANDLE_LENGTH = 64  # bytes; WebAuthn L3 §14.6.1


@dataclass(frozen=True)
class UserDetails:
    """What browsers show of an account (WebAuthn L3 §5.4.3).

    :param name: tells accounts of one person apart.
    :param display_name: the person's name.
    """

    name: str
    display_name: str


def user_details(user: AbstractBaseUser) -> UserDetails:
    """Return name and display name as registration and sync send them.

    :param user: a user of any user model.
    """
    email = str(getattr(user, user.get_email_field_name(), "") or "")
    # A name must not be empty, or no authenticator takes the registration.
    # Translators: What browsers show as the name of an account that has none.
    name = str(user.get_username() or "") or email or pgettext("passkeys", "Account")
    full_name = getattr(user, "get_full_name", None)
    return UserDetails(name=name, display_name=(full_name() if full_name else "") or name)


class PasskeyManager(DeviceManager):
    """Manager of :class:`Passkey`."""

    def rows_of(self, user: Any) -> models.QuerySet[Passkey]:
        """Return all rows of a user, oldest first, with the user handle joined.

        They come from the database that writes go to: a passkey just added is among them at once.

        :param user: the owner; disabled passkeys are included.
        """
        rows: models.QuerySet[Passkey] = (
            self.using(router.db_for_write(self.model))
            .filter(user_id=user.pk)
            .select_related("user__passkey_handle")
            # Rows from before the time was noted are the oldest, which databases disagree about.
            .order_by(models.F("created_at").asc(nulls_first=True), "pk")
        )
        return rows

    def for_user(self, user: Any) -> list[Passkey]:
        """Return all passkeys of a user, oldest first, with equal names numbered, in one query.

        :param user: the owner; disabled passkeys are included. The one that django-otp says opened the session
            (``user.otp_device``) is marked as ``current``.
        """
        passkeys = list(self.rows_of(user))
        number_equal_names(passkeys)
        for passkey in passkeys:
            passkey.current = passkey == getattr(user, "otp_device", None)
        return passkeys

    def with_credential_id(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey with a credential ID, its user and user handle joined, or None.

        Reads from the database that writes go to, so that a replica that lags never says "unknown".

        :param credential_id: the raw ID.
        """
        passkey: Passkey | None = (
            self.using(router.db_for_write(self.model))
            .select_related("user__passkey_handle")
            .filter(credential_key=short_key(credential_id))
            .first()
        )
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
    # Translators: WebAuthn's term: whether copies of the passkey may be kept.
    backup_eligible = models.BooleanField(_("backup eligible"), default=False, editable=False)
    backup_state = models.BooleanField(_("backup state"), default=False, editable=False)
    user_verified = models.BooleanField(_("user verified"), default=False, editable=False)
    discoverable = models.BooleanField(_("discoverable"), null=True, editable=False)

    number: int = 1
    """Which of the passkeys of its name this is; set by :meth:`PasskeyManager.for_user`."""
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

    @property
    def provider(self) -> providers.Provider:
        """What the AAGUID says about the provider: a hint, never proof (S1.11)."""
        return providers.provider(self.aaguid)

    @property
    def plain_name(self) -> str:
        """The nickname, else the provider's name, without a number."""
        return self.nickname or str(self.provider.name)

    @property
    def name(self) -> str:  # type: ignore[override]
        """What the user reads: the plain name, numbered where two would read the same."""
        if self.number == 1:
            return self.plain_name
        # Translators: %(name)s is the name of a passkey; %(number)d tells equal names apart: “YubiKey 2”.
        return gettext("%(name)s %(number)d") % {"name": self.plain_name, "number": self.number}

    @property
    def id_base64url(self) -> str:
        """The credential ID as the browser's methods take it."""
        return to_base64url(bytes(self.credential_id))

    @property
    def user_handle(self) -> UserHandle | None:
        """The handle of the owner; rows that were imported may have none."""
        return getattr(self.user, "passkey_handle", None)

    @property
    def synced(self) -> bool:
        """Whether the provider keeps a copy, so that other devices have it too."""
        return self.backup_state

    def __str__(self) -> str:
        return self.name


class UserHandle(models.Model):
    """The random ID that authenticators know a user by (WebAuthn L3 §5.4.3): one for ever."""

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


class SpentChallenge(models.Model):
    """A challenge that was answered, or a guess that was made; the row's existence refuses a second one."""

    digest = models.UUIDField(primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("spent challenge")
        verbose_name_plural = _("spent challenges")

    def __str__(self) -> str:
        return str(self.digest)


def remember_emptied(sender: Any, instance: Passkey, using: str, **_: Any) -> None:
    """Note that a user's last passkey was deleted, wherever that happened.

    :param sender: the Passkey class, or a proxy of it.
    :param instance: the passkey that is gone.
    :param using: the alias of the database.
    """
    if not Passkey._default_manager.using(using).filter(user_id=instance.user_id).exists():
        UserHandle.objects.using(using).filter(pk=instance.user_id).update(
            emptied_at=timezone.now()
        )
