"""What the list of passkeys can be narrowed to, in the words of the panel."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import Passkey


class _ByRule(admin.SimpleListFilter):
    """Offers choices, each with the rows that it means."""

    rules: ClassVar[dict[str, tuple[str | Promise, Q]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices and their labels."""
        return [(name, label) for name, (label, _rows) in self.rules.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> QuerySet[Passkey]:
        """Return the passkeys that the choice asks for."""
        chosen = self.rules.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class StateFilter(_ByRule):
    """Whether a passkey may be used."""

    # Translators: A filter and a column in the admin: whether a passkey is switched on or off.
    title = pgettext_lazy("passkeys", "state")
    parameter_name = "state"
    rules: ClassVar = {
        # Translators: Of a passkey, in the admin: it may be used. The opposite of “Switched off”.
        "on": (pgettext_lazy("passkeys", "Switched on"), Q(confirmed=True)),
        "off": (pgettext_lazy("passkeys", "Switched off"), Q(confirmed=False)),
        "second-step": (_("Second step only"), Q(second_step_only=True)),
    }


class SavedFilter(_ByRule):
    """Whether there are copies of a passkey; what is not known yet is neither."""

    # Translators: A filter in the admin: where copies of a passkey are saved.
    title = _("where it is saved")
    parameter_name = "saved"
    rules: ClassVar = {
        "synced": (
            # Translators: Of a passkey: a password manager keeps it and copies it to other devices.
            pgettext_lazy("passkeys", "Synced"),
            Q(backup_eligible__isnull=False, backup_state=True),
        ),
        "not-yet": (
            _("Can sync, not backed up"),
            Q(backup_eligible=True, backup_state=False),
        ),
        "one-device": (
            _("On one device or security key"),
            Q(backup_eligible=False, backup_state=False),
        ),
        # Translators: Of a passkey, in the admin: where it is saved is learnt when it is first used.
        "unknown": (_("Not known yet"), Q(backup_eligible__isnull=True)),
    }
