"""Passkeys in the admin: to look at, to switch off, to delete; key material is never edited."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .actions.announcing import announce
from .forms import clean_nickname
from .models import Passkey
from .signals import passkey_deleted, passkey_renamed
from .sync import request_user_details_sync


class PasskeyAdminForm(ModelForm):  # type: ignore[type-arg]
    """Takes the nicknames that the user may give, and no others."""

    def clean_nickname(self) -> str:
        """Return the nickname as it is stored."""
        return clean_nickname(self.cleaned_data["nickname"])


class BackupStateFilter(admin.BooleanFieldListFilter):
    """Leaves out the passkeys of which it is not known yet whether there may be a backup."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> QuerySet[Passkey]:
        """Return the passkeys that the choice asks for."""
        known = queryset.filter(backup_eligible__isnull=False) if self.used_parameters else queryset
        chosen = super().queryset(request, known)
        return known if chosen is None else chosen


@admin.register(Passkey)
class PasskeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows what a passkey is; only its nickname and whether it may be used can be changed."""

    form = PasskeyAdminForm
    list_display = ("__str__", "user", "provider_name", "confirmed", "created_at", "last_used_at")
    list_filter = (
        "confirmed",
        ("backup_state", BackupStateFilter),
        "backup_eligible",
        "second_step_only",
    )
    list_select_related = ("user",)
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    fields = (
        "user",
        "nickname",
        "confirmed",
        "provider_name",
        "aaguid",
        "id_base64url",
        "rp_id",
        "transports",
        "sign_count",
        "sign_count_fell_at",
        "backup_eligible",
        "synced",
        "user_verified",
        "second_step_only",
        "discoverable",
        "created_at",
        "last_used_at",
    )
    readonly_fields = tuple(name for name in fields if name not in {"nickname", "confirmed"})

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Search by the user's name and e-mail, whatever the user model calls them, nickname and AAGUID."""
        user_model = get_user_model()
        names = {user_model.USERNAME_FIELD, user_model.get_email_field_name()}
        stored = {field.name for field in user_model._meta.get_fields()}
        return (*(f"user__{name}" for name in sorted(names & stored)), "nickname", "aaguid")

    # Translators: A column: the password manager or security key that keeps the passkey.
    @admin.display(description=pgettext_lazy("passkeys", "Provider"))
    def provider_name(self, passkey: Passkey) -> str:
        """Return the provider's name."""
        return str(passkey.provider.name)

    @admin.display(description=_("backup state"), boolean=True)
    def synced(self, passkey: Passkey) -> bool | None:
        """Return whether the provider keeps a copy, if that is known."""
        return passkey.synced

    # Translators: WebAuthn's term: the ID of a passkey.
    @admin.display(description=_("Credential ID"))
    def id_base64url(self, passkey: Passkey) -> str:
        """Return the credential ID in base64url."""
        return passkey.id_base64url

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: only a ceremony makes a passkey."""
        return False

    def delete_model(self, request: HttpRequest, obj: Passkey) -> None:
        """Delete a passkey; its owner's browser learns it at its next sync."""
        super().delete_model(request, obj)
        self._announce(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> None:
        """Delete passkeys; their owners' browsers learn it at their next sync."""
        passkeys = list(queryset.select_related("user"))
        super().delete_queryset(request, queryset)
        for passkey in passkeys:
            self._announce(request, passkey)

    def _announce(self, request: HttpRequest, passkey: Passkey) -> None:
        announce(passkey_deleted, request=request, user=passkey.user, passkey=passkey)
        # This browser is the admin's: it is asked to sync only where the admin is the owner.
        if passkey.user_id == request.user.pk:
            request_user_details_sync(request)

    def save_model(
        self, request: HttpRequest, obj: Passkey, form: ModelForm[Passkey], change: bool
    ) -> None:
        """Write the two fields that can be changed, with the number of the name, and no stale copy of the others."""
        if "nickname" in form.changed_data:
            # The form has set it, and the number follows from a change.
            nickname, obj.nickname = obj.nickname, form.initial["nickname"]
            obj.give_nickname(nickname, Passkey.objects.rows_of(obj.user))
        obj.save(update_fields=["nickname", "number", "confirmed"])
        if "nickname" in form.changed_data:
            announce(passkey_renamed, request=request, user=obj.user, passkey=obj)
