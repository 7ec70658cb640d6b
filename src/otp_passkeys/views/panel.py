"""The settings panel: list, rename, delete."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now

from .. import actions, panel_address, reauthentication, safeguards, sync, usable
from ..actions.answering import require_acting_user
from ..actions.registering import MAX_PASSKEYS
from ..actions.sign_out_elsewhere import ends_sessions
from ..advice import for_passkeys
from ..exceptions import InvalidNickname, LastWayIn, PasskeyError
from ..forms import NicknameForm
from ..impersonation import is_impersonated
from ..models import Passkey
from ..sign_ins import require_active_user
from .base import PasskeyView
from .bodies import text
from .shapes import list_json, passkey_json


def render_panel(request: HttpRequest, *, error: object = None, status: int = 200) -> HttpResponse:
    """Return the page that lists the passkeys of the signed-in user.

    :param request: a request of that user; ``?added=`` names the row to show as new, and ``?deleted=`` says that the
        user comes from deleting one.
    :param error: a message about what was just refused.
    :param status: the HTTP status.
    """
    passkeys = usable.listed(request, request.user)
    context = {
        "passkeys": passkeys,
        "is_full": len(passkeys) >= MAX_PASSKEYS,
        "advice": for_passkeys(passkeys, now()),
        "added": request.GET.get("added"),
        "deleted": "deleted" in request.GET,
        "error": error,
        **_way_back(request),
        "add_again": reauthentication.take_add_again(request),
        "read_only": is_impersonated(request),
        "ends_sessions": ends_sessions(request.user),
    }
    return render(request, "otp_passkeys/panel.html", context, status=status)


class ListView(PasskeyView):
    """The panel, or the passkeys as JSON."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """List the passkeys of the signed-in user."""
        user = require_active_user(request)
        if self.is_json:
            return JsonResponse(list_json(usable.listed(request, user)))
        return render_panel(request)


class RenameView(PasskeyView):
    """The page that renames a passkey."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask for the new name."""
        passkey = actions.owned(require_acting_user(request), pk)
        form = NicknameForm(initial={"nickname": passkey.nickname})
        return self._page(passkey, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Rename, or show what is wrong with the name."""
        user = require_active_user(request)
        nickname = text(self.parse("nickname"), "nickname")
        try:
            passkey = actions.rename(user=user, pk=pk, nickname=nickname, request=request)
        except InvalidNickname:
            if self.is_json:
                raise
            form = NicknameForm({"nickname": nickname})
            return self._page(actions.owned(user, pk), form, status=422)
        if not self.is_json:
            return redirect(panel_address.home(request))
        usable.mark_elsewhere(request, [passkey])
        return JsonResponse(passkey_json(passkey))

    def _page(self, passkey: Passkey, form: NicknameForm, status: int = 200) -> HttpResponse:
        usable.mark_elsewhere(self.request, [passkey])
        context = {"passkey": passkey, "form": form, **_way_back(self.request)}
        return render(self.request, "otp_passkeys/rename.html", context, status=status)


class DeleteView(PasskeyView):
    """The page that asks before it deletes a passkey."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Name the passkey and what deleting it means."""
        passkey = actions.owned(require_acting_user(request), pk)
        reauthentication.require(request, actions.TO_CHANGE_PASSKEYS)
        return self._page(passkey)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Delete, or say what must be done first."""
        user = require_active_user(request)
        try:
            actions.delete(user=user, pk=pk, request=request)
        except LastWayIn as error:
            if self.is_json:
                raise
            return self._page(actions.owned(user, pk), error=error, status=409)
        if self.is_json:
            return HttpResponse(status=204)
        home = panel_address.home(request)
        return redirect(f"{home}?deleted=1" if home == reverse("otp_passkeys:list") else home)

    def _page(
        self, passkey: Passkey, error: PasskeyError | None = None, status: int = 200
    ) -> HttpResponse:
        usable.mark_elsewhere(self.request, [passkey])
        # Nobody is locked out without a passkey of a domain that is gone, or without a second step.
        counts = not safeguards.opens_nothing(passkey)
        ways_in = safeguards.other_ways_in(self.request.user, passkey, self.request)
        context: dict[str, Any] = {
            "passkey": passkey,
            **_way_back(self.request),
            "error": error and error.message,
            "ways_in": ways_in if counts else None,
            "is_last": counts and "passkey" not in ways_in,
            "asks_to_forget": sync.asks_to_forget(passkey),
            "removal_steps": passkey.provider.removal_steps,
        }
        return render(self.request, "otp_passkeys/delete.html", context, status=status)


def _way_back(request: HttpRequest) -> dict[str, str]:
    home = panel_address.home(request)
    return {"home": home, "carry": panel_address.carry(home)}
