"""Switching passkeys off and on, from the list in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db import router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ..actions import switch
from ..exceptions import LastWayIn, PasskeyNotFound
from ..models import Passkey
from .warnings import say_spared

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Passkey]
else:
    Base = object


class Switches(Base):
    """The two actions; each change is in the history of its passkey."""

    def switched(self, *, on: bool) -> str:
        """Return what the history says.

        :param on: whether it is on now.
        """
        if on:
            # Translators: In the history of a passkey in the admin.
            return pgettext("passkeys", "Switched on.")
        # Translators: In the history of a passkey in the admin.
        return pgettext("passkeys", "Switched off.")

    @admin.action(permissions=["change"], description=_("Switch off the selected passkeys"))
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> None:
        """Switch passkeys off, but for those that are somebody's only way in."""
        count = self._switch(request, queryset, on=False)
        if count:
            text = gettext(
                # Translators: In the admin. %(count)d is a number.
                "Passkeys switched off: %(count)d. They sign nobody in until they are switched on again."
            )
            self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(permissions=["change"], description=_("Switch on the selected passkeys"))
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> None:
        """Switch passkeys on."""
        count = self._switch(request, queryset, on=True)
        if count:
            # Translators: In the admin. %(count)d is a number.
            text = gettext("Passkeys switched on: %(count)d.")
            self.message_user(request, text % {"count": count}, messages.SUCCESS)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Passkey], *, on: bool) -> int:
        count, spared = 0, []
        with transaction.atomic(using=router.db_for_write(Passkey)):
            # Owners in one order, or two actions wait for each other; the oldest first, so that the newest stays.
            for passkey in queryset.select_related("user").order_by("user_id", "created_at", "pk"):
                try:
                    changed = switch(user=passkey.user, pk=passkey.pk, on=on)
                except LastWayIn:
                    spared.append(passkey)
                except PasskeyNotFound:  # its owner has just deleted it
                    pass
                else:
                    if changed:
                        count += 1
                        self.log_change(request, passkey, self.switched(on=on))
        say_spared(self, request, spared)
        if not count and not spared:
            text = (
                gettext("Nothing changed: they are all switched on.")
                if on
                else gettext("Nothing changed: they are all switched off.")
            )
            self.message_user(request, text, messages.INFO)
        return count
