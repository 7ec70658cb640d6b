"""A user's passkeys on the admin's page of the user, to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..models import Passkey
from ..numbering import tell_apart
from .columns import PasskeyColumns


class _Passkeys(BaseInlineFormSet):  # type: ignore[type-arg]
    """Reads the passkeys with the names that their owner reads."""

    def get_queryset(self) -> Any:
        """Return the rows, oldest first."""
        rows = super().get_queryset()
        tell_apart(rows)
        return rows


class PasskeyInline(PasskeyColumns, admin.TabularInline):  # type: ignore[type-arg]
    """Lists a user's passkeys; each leads to its own page, where it is switched off or deleted.

    A site adds it to ``inlines`` of the admin of its users.
    """

    model = Passkey
    formset = _Passkeys
    fields = readonly_fields = ("link", "state", "saved", "added", "last_used", "remarks")
    ordering = (F("created_at").asc(nulls_first=True), "pk")
    extra = 0

    # A column, because some themes show no object's name above its row, and no link there.
    @admin.display(description=_("passkey"))
    def link(self, passkey: Passkey) -> SafeString:
        """Return the name and the provider, with the way to the passkey's own page."""
        name = self.passkey(passkey)
        if not self.has_registered_model:
            return name
        opts = passkey._meta
        address = f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(address, args=[passkey.pk]), name)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Passkey]:
        """Return the rows with all that the columns read."""
        # Whether they may be seen is asked for the user of the page; Django's own method asks without one.
        rows = Passkey._default_manager.select_related("user__passkey_handle")
        ordered: QuerySet[Passkey] = rows.order_by(*self.get_ordering(request))
        return ordered

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show it to staff who may see passkeys, and of users who are stored."""
        return obj is not None and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: only a ceremony makes a passkey."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: its own page asks what has to be asked first."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: its own page asks whether its owner keeps a way in."""
        return False
