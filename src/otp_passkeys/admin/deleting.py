"""Deleting passkeys in the admin: it says beforehand whose only way in would go."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin import actions
from django.db import router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from .. import safeguards
from ..actions import delete_for
from ..actions.managing import locked
from ..exceptions import LastWayIn, PasskeyNotFound
from ..models import Passkey
from .forms import EVEN_THE_ONLY_WAY_IN
from .warnings import say_spared, warn_of_deletion

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Passkey]
else:
    Base = object


class DeletesWithCare(Base):
    """A page that warns, and an action that leaves everybody a way in.

    What the page has warned of stands in its address, to which its form is sent: so a passkey that became the only way
    in meanwhile is not deleted before somebody has read that. Admin themes have pages of their own, with no place
    for a field.
    """

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Ask, with a warning where it is needed, or delete."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except LastWayIn:
            query = request.GET.copy()
            query[EVEN_THE_ONLY_WAY_IN] = "1"
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        """Show the page that asks."""
        passkey = context["object"]
        if safeguards.is_only_way_in(passkey.user, passkey):
            if EVEN_THE_ONLY_WAY_IN not in request.GET:
                raise LastWayIn("the page has not warned of it yet")
            warn_of_deletion(self, request, passkey)
        return super().render_delete_form(request, context)

    def delete_model(self, request: HttpRequest, obj: Passkey) -> None:
        """Delete a passkey; its owner hears of it by mail, and their browser at its next sync."""
        self._delete(request, obj, even_the_only_way_in=EVEN_THE_ONLY_WAY_IN in request.GET)

    @admin.action(permissions=["delete"], description=_("Delete the selected passkeys"))
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Passkey]
    ) -> HttpResponse | None:
        """Ask, or delete, all but those that are somebody's only way in."""
        with transaction.atomic(using=router.db_for_write(Passkey)):
            # Owners in one order, or two actions wait for each other; the oldest first, so that the newest stays.
            passkeys = list(queryset.select_related("user").order_by("user_id", "created_at", "pk"))
            if request.POST.get("post"):
                for owner in {one.user_id: one.user for one in passkeys}.values():
                    locked(owner)
            spared = safeguards.spared(passkeys)
            rest = queryset.exclude(pk__in=[one.pk for one in spared])
            say_spared(self, request, spared)
            if spared and len(spared) == len(passkeys):
                return None
            return actions.delete_selected(self, request, rest)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Passkey]) -> None:
        """Delete passkeys as :meth:`delete_model` does."""
        for passkey in queryset.select_related("user"):
            self._delete(request, passkey)

    def _delete(
        self, request: HttpRequest, passkey: Passkey, *, even_the_only_way_in: bool = False
    ) -> None:
        with suppress(PasskeyNotFound):  # its owner has just deleted it
            delete_for(
                user=passkey.user,
                pk=passkey.pk,
                request=request,
                even_the_only_way_in=even_the_only_way_in,
            )
