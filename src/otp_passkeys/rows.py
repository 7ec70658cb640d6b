"""What pages place of a passkey: words in the language of the request, and addresses.

A list may have a hundred rows. What they share, such as translations and the shape of an address, is looked up once for
a page; for each row it is filled in, and templates place the result.
"""

from __future__ import annotations

import datetime
from functools import cache, cached_property
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import get_current_timezone, is_aware, now
from django.utils.translation import gettext, pgettext

from .addresses import alike, kept
from .models import Passkey
from .providers import Provider, icon_version

# No primary key and no AAGUID.
_PK, _AAGUID = 2**63 - 1, "ffffffff-ffff-ffff-ffff-ffffffffffff"
_IMAGE = '<img src="{}" alt="" width="28" height="28" decoding="async">'
_ICON = f'<span class="otp-passkeys-icon">{_IMAGE}{_IMAGE}</span>'


class Addresses:
    """The addresses in a panel.

    Those that differ from passkey to passkey are functions of its primary key, or of the AAGUID of an icon.
    """

    def __init__(self) -> None:
        self.list = reverse("otp_passkeys:list")
        self.register_options = reverse("otp_passkeys:register-options")
        self.register = reverse("otp_passkeys:register")
        self.sync = reverse("otp_passkeys:sync")
        self.sign_out_elsewhere = reverse("otp_passkeys:sign-out-elsewhere")
        self.rename, self.delete = (
            alike(f"otp_passkeys:{name}", _PK, place=_PK) for name in ("rename", "delete")
        )
        self.icon_light, self.icon_dark = (
            alike("otp_passkeys:icon", icon_version(), _AAGUID, theme, place=_AAGUID)
            for theme in ("light", "dark")
        )


addresses = kept(Addresses)


class Rows:
    """The rows of one page. What they share is looked up when the first of them needs it."""

    @cached_property
    def addresses(self) -> Addresses:
        """Addresses by passkey."""
        return addresses()

    @cached_property
    def controls(self) -> Controls:
        """The buttons by passkey."""
        return Controls(self.addresses)

    @cached_property
    def details(self) -> Details:
        """What is said, by passkey."""
        return Details(self.addresses)


class Controls:
    """What the element and the buttons of a row need."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        # Translators: A button beside a passkey.
        self._rename = pgettext("passkeys", "Rename")
        # Translators: A button beside a passkey.
        self._delete = pgettext("passkeys", "Delete")
        # Translators: What screen readers say of the button “Rename”; %(name)s is the name of a passkey.
        self._rename_label = gettext("Rename %(name)s")
        # Translators: What screen readers say of the button “Delete”; %(name)s is the name of a passkey.
        self._delete_label = gettext("Delete %(name)s")

    def of(self, passkey: Passkey, carry: str) -> dict[str, str]:
        """Return the values for a template.

        :param passkey: a stored passkey.
        :param carry: the query that the addresses take along.
        """
        provider, name = passkey.provider, passkey.name
        has_a_name = passkey.nickname or provider.known
        return {
            "pk": str(passkey.pk),  # a number would get separators
            "id": passkey.id_base64url,
            "nickname": name if has_a_name else "",  # "Unknown" would be a poor one
            "rename": self._rename,
            "rename_label": self._rename_label % {"name": name},
            "rename_url": self._addresses.rename(passkey.pk) + carry,
            "delete": self._delete,
            "delete_label": self._delete_label % {"name": name},
            "delete_url": self._addresses.delete(passkey.pk) + carry,
            "warning": str(provider.warning),
        }


class Details:
    """What is said of a passkey."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._zone = get_current_timezone()
        # Passkeys are often added in pairs, and to write a date costs more than anything else in a row.
        self._day = cache(lambda date: date_format(date, "DATE_FORMAT"))
        # Most users have few providers.
        self._icon = cache(self._icon_of)
        # Translators: Of a passkey. %(date)s is the day.
        self._added = gettext("Added %(date)s")
        # Translators: Of a passkey.
        self._never_used = gettext("Never used")

    def of(self, passkey: Passkey) -> dict[str, Any]:
        """Return the values for a template; one that is not known is empty.

        :param passkey: a stored passkey, marked by :mod:`otp_passkeys.usable` if it is another address's.
        """
        provider = passkey.provider
        added, used = self._local(passkey.created_at), self._local(passkey.last_used_at)
        return {
            "icon": self.icon(provider),
            "name": passkey.name,
            "has_badges": (
                passkey.current
                or not passkey.confirmed
                or passkey.second_step_only
                or passkey.elsewhere
            ),
            "provider": provider.name if passkey.nickname else "",
            "added_at": added.isoformat() if added else "",
            "added": self._added % {"date": self._day(added.date())} if added else "",
            "used_at": used.isoformat() if used else "",
            "used": last_used(used) if used else self._never_used,
        }

    def icon(self, provider: Provider) -> SafeString:
        """Return the icon of a provider, for light and for dark pages; the stylesheet shows one of the two.

        A ``<picture>`` would go by the system's colour scheme, and the page may have another. The text alternative is
        empty, because the name is next to it.

        :param provider: of a passkey.
        """
        return self._icon(provider.icon_aaguid)

    def _icon_of(self, aaguid: str) -> SafeString:
        light, dark = self._addresses.icon_light(aaguid), self._addresses.icon_dark(aaguid)
        return format_html(_ICON, light, dark)

    def _local(self, moment: datetime.datetime | None) -> datetime.datetime | None:
        return moment.astimezone(self._zone) if moment and is_aware(moment) else moment


def last_used(moment: datetime.datetime) -> str:
    """Return a sentence that says how long ago a passkey was used.

    :param moment: when it was last used.
    """
    if (now() - moment).total_seconds() < 60:
        # Translators: Of a passkey, and less than a minute ago.
        return gettext("Last used just now")
    # Translators: Of a passkey. %(time)s is such as “3 days”, as Django puts it in your language.
    return gettext("Last used %(time)s ago") % {"time": timesince(moment, depth=1)}


def saved(passkey: Passkey) -> str:
    """Return where a passkey is saved, as far as its browser has said.

    :param passkey: a stored passkey.
    """
    if passkey.synced:
        # Translators: Of a passkey: a password manager keeps it and copies it to other devices.
        return pgettext("passkeys", "Synced")
    if passkey.backup_eligible:
        # Translators: Of a passkey: its password manager could copy it to other devices, and has not.
        return gettext("Can sync, not backed up")
    if "internal" in passkey.transports:
        # Translators: Of a passkey: a phone or computer has the only copy.
        return gettext("On one device only")
    if not {"usb", "nfc", "ble"}.isdisjoint(passkey.transports):
        return gettext("On a security key")
    # Translators: Of a passkey: it is not known on which of the two.
    return gettext("On one device or security key")
