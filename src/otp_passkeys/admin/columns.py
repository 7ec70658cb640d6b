"""The columns that the admin's list, its page of a passkey and its page of a user share."""

from __future__ import annotations

import datetime

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .. import remarks
from ..models import Passkey

# Above so many characters a name may be cut, and the whole of it is in the title.
LONG = 12


def cut(name: str) -> SafeString:
    """Return a name that the stylesheet cuts where it is too long for its column.

    :param name: of a passkey or a user.
    """
    title = format_html(' title="{}"', name) if len(name) > LONG else ""
    return format_html('<span class="otp-passkeys-cut"{}>{}</span>', title, name)


def day(when: datetime.datetime | None, otherwise: str) -> str:
    """Return a day, with the time in its title.

    :param when: the date, if there is one.
    :param otherwise: what to say if there is none.
    """
    if when is None:
        return otherwise
    return format_html(
        '<span class="otp-passkeys-day" title="{}">{}</span>',
        remarks.moment(when),
        remarks.moment(when, "DATE_FORMAT"),
    )


class PasskeyColumns:
    """The columns, for an admin or an inline of passkeys."""

    class Media:
        css = {"all": ("otp_passkeys/admin.css",)}

    @admin.display(description=_("passkey"), ordering="nickname")
    def passkey(self, passkey: Passkey) -> SafeString:
        """Return the name, and beneath it the provider, where the name does not say it."""
        name = cut(passkey.name)
        if not passkey.nickname:
            return name
        provider = cut(self.provider_name(passkey))
        return format_html('{}<span class="otp-passkeys-beneath">{}</span>', name, provider)

    @admin.display(
        # Translators: A column in the admin: the user whose passkey it is.
        description=pgettext_lazy("passkeys", "owner"),
        ordering=f"user__{get_user_model().USERNAME_FIELD}",
    )
    def owner(self, passkey: Passkey) -> SafeString:
        """Return the username."""
        return cut(passkey.user.get_username())

    # Translators: A filter and a column in the admin: whether a passkey is switched on or off.
    @admin.display(description=pgettext_lazy("passkeys", "state"), ordering="confirmed")
    def state(self, passkey: Passkey) -> SafeString:
        """Return whether it may be used."""
        words, works = remarks.state(passkey)
        return format_html(
            '<span class="otp-passkeys-{}">{}</span>', "on" if works else "off", words
        )

    # Translators: A column in the admin: the day on which a passkey was added.
    @admin.display(description=pgettext_lazy("passkeys", "added"), ordering="created_at")
    def added(self, passkey: Passkey) -> str:
        """Return the day on which it was added."""
        return day(passkey.created_at, gettext("Not known"))

    # Translators: A column in the admin: the day on which a passkey was last used.
    @admin.display(description=_("last used"), ordering="last_used_at")
    def last_used(self, passkey: Passkey) -> str:
        """Return the day of its last use."""
        return day(passkey.last_used_at, gettext("Never used"))

    @admin.display(description=pgettext_lazy("passkeys", "added"))
    def added_at(self, passkey: Passkey) -> str:
        """Return when it was added."""
        return remarks.moment(passkey.created_at) or gettext("Not known")

    @admin.display(description=_("last used"))
    def last_use(self, passkey: Passkey) -> str:
        """Return when it was last used."""
        return remarks.moment(passkey.last_used_at) or gettext("Never used")

    # Translators: A column: the password manager or security key that keeps the passkey.
    @admin.display(description=pgettext_lazy("passkeys", "Provider"))
    def provider_name(self, passkey: Passkey) -> str:
        """Return the provider's name."""
        return str(passkey.provider.name)

    # Translators: A filter in the admin: where copies of a passkey are saved.
    @admin.display(description=_("where it is saved"))
    def saved(self, passkey: Passkey) -> str:
        """Return where it is saved, in the words of the panel."""
        if passkey.synced is None:
            return gettext("Not known yet")
        return render_to_string("otp_passkeys/includes/saved.html", {"passkey": passkey}).strip()

    # Translators: In the admin, above the reasons why a passkey may not show or work.
    @admin.display(description=_("what to know"))
    def remarks(self, passkey: Passkey) -> str:
        """Return why it may not appear or work, as ``manage.py passkeys`` says it."""
        found = [*filter(None, [remarks.of_account(passkey.user)]), *remarks.of_passkey(passkey)]
        if not found:
            # Translators: In the admin, of a passkey: there is no reason why it would not work.
            return gettext("Nothing keeps it from working.")
        # No list: Django puts it into a paragraph on the user's page.
        line = '<span class="otp-passkeys-remark">{}</span>'
        return format_html_join(" ", line, ((reason,) for reason in found))
