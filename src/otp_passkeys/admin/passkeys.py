"""The admin of passkeys: list, page, deletion, and the actions of the list."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..actions.announcing import announce
from ..models import Passkey
from ..signals import passkey_renamed
from .columns import PasskeyColumns
from .deleting import DeletesWithCare
from .filters import SavedFilter, StateFilter
from .forms import EVEN_THE_ONLY_WAY_IN, PasskeyAdminForm, asks_twice
from .switching import Switches

TECHNICAL = (
    "aaguid",
    "rp_id",
    "transports",
    "sign_count",
    "sign_count_fell_at",
    "backup_eligible",
    "synced",
    "user_verified",
    "second_step_only",
    "discoverable",
)


@admin.register(Passkey)
class PasskeyAdmin(PasskeyColumns, Switches, DeletesWithCare, admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows what a passkey is; only its nickname and whether it may be used can be changed."""

    form = PasskeyAdminForm
    list_display = ("passkey", "owner", "state", "added", "last_used")
    list_filter = (StateFilter, SavedFilter)
    list_select_related = ("user",)
    ordering = ("-created_at",)
    actions = ("switch_off", "switch_on", "delete_selected")
    readonly_fields: ClassVar = (
        "user",
        "provider_name",
        "saved",
        "remarks",
        "added_at",
        "last_use",
        "id_base64url",
        *TECHNICAL,
    )

    def get_fieldsets(self, request: HttpRequest, obj: Passkey | None = None) -> Any:
        """Return what the page shows: the credential ID to staff who may change a passkey, and no key to anybody."""
        editable: tuple[str, ...] = ("nickname", "confirmed")
        technical: tuple[str, ...] = TECHNICAL
        if obj is not None and self.has_change_permission(request, obj):
            technical = ("id_base64url", *TECHNICAL)
            if asks_twice(obj):
                editable = (*editable, EVEN_THE_ONLY_WAY_IN)
        seen = ("provider_name", "saved", "added_at", "last_use", "remarks")
        return (
            (None, {"fields": ("user", *editable, *seen)}),
            # Translators: A heading in the admin, above what only engineers understand.
            (_("Technical details"), {"fields": technical, "classes": ("collapse",)}),
        )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Search by the user's name and e-mail, whatever the user model calls them, nickname and AAGUID."""
        user_model = get_user_model()
        names = {user_model.USERNAME_FIELD, user_model.get_email_field_name()}
        stored = {field.name for field in user_model._meta.get_fields()}
        return (*(f"user__{name}" for name in sorted(names & stored)), "nickname", "aaguid")

    # Translators: WebAuthn's term: the ID of a passkey.
    @admin.display(description=_("Credential ID"))
    def id_base64url(self, passkey: Passkey) -> str:
        """Return the credential ID in base64url."""
        return passkey.id_base64url

    # What is stored means nothing before it is known whether there may be a backup.
    @admin.display(description=_("backup state"), boolean=True)
    def synced(self, passkey: Passkey) -> bool | None:
        """Return whether the provider keeps a copy, if that is known."""
        return passkey.synced

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only a ceremony makes a passkey."""
        return False

    def save_model(self, request: HttpRequest, obj: Passkey, form: Any, change: bool) -> None:
        """Write the two fields that can be changed, with the number of the name, and no stale copy of the others."""
        if "nickname" in form.changed_data:
            # The form has set it, and the number follows from a change.
            nickname, obj.nickname = obj.nickname, form.initial["nickname"]
            obj.give_nickname(nickname, Passkey.objects.rows_of(obj.user))
        obj.save(update_fields=["nickname", "number", "confirmed"])
        if "nickname" in form.changed_data:
            announce(passkey_renamed, request=request, user=obj.user, passkey=obj)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Say in the history whether it was switched off or on, which "changed" would leave open."""
        if "confirmed" not in form.changed_data:
            return super().construct_change_message(request, form, formsets, add)
        switched = self.switched(on=form.cleaned_data["confirmed"])
        if "nickname" not in form.changed_data:
            return switched
        # Translators: In the history of a passkey in the admin.
        renamed = gettext("Nickname changed.")
        return f"{switched} {renamed}"
