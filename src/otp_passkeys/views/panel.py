"""The settings panel: list, rename, delete."""

from __future__ import annotations

from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.utils.text import get_text_list
from django.utils.translation import gettext

from .. import actions, notes, panel_address, reauthentication, safeguards, sync, usable
from ..actions.acting import require_acting_user
from ..actions.listing import panel_of
from ..exceptions import InvalidNickname, LastWayIn, PasskeyError
from ..models import Passkey
from ..nicknames import NicknameForm
from ..sign_ins import require_active_user
from .base import PasskeyView
from .bodies import text
from .passkeys_json import list_json, passkey_json


def render_panel(request: HttpRequest, *, error: object = None, status: int = 200) -> HttpResponse:
    """Return the page that lists the passkeys of the signed-in user.

    :param request: a request of that user; ``?added=`` names the row to show as new.
    :param error: a message about what was just refused.
    :param status: the HTTP status.
    """
    context = {
        **panel_of(request, home=panel_address.home(request)),
        "added": request.GET.get("added"),
        "error": error,
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
            notes.leave(request, passkey, deleted=False)
            return HttpResponseRedirect(panel_address.news(request))
        usable.mark_elsewhere(request, [passkey])
        return JsonResponse(passkey_json(passkey))

    def _page(self, passkey: Passkey, form: NicknameForm, status: int = 200) -> HttpResponse:
        usable.mark_elsewhere(self.request, [passkey])
        context = {
            "passkey": passkey,
            "form": form,
            **panel_address.way_back(panel_address.home(self.request)),
        }
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
            passkey = actions.delete(user=user, pk=pk, request=request)
        except LastWayIn as error:
            if self.is_json:
                raise
            return self._page(actions.owned(user, pk), error=error, status=409)
        if self.is_json:
            return HttpResponse(status=204)
        notes.leave(request, passkey, deleted=True)
        return HttpResponseRedirect(panel_address.news(request))

    def _page(
        self, passkey: Passkey, error: PasskeyError | None = None, status: int = 200
    ) -> HttpResponse:
        usable.mark_elsewhere(self.request, [passkey])
        # No user is locked out for lack of a passkey of a former domain, or of a second step.
        counts = not safeguards.opens_nothing(passkey)
        ways_in = safeguards.other_ways_in(self.request.user, passkey, self.request)
        is_only_way = counts and not ways_in
        context: dict[str, Any] = {
            "passkey": passkey,
            **panel_address.way_back(panel_address.home(self.request)),
            # The page says it by itself, and at greater length.
            "error": error and not is_only_way and error.message,
            "is_only_way": is_only_way,
            "is_last": counts and "passkey" not in ways_in,
            "ways": _in_words(ways_in),
            # What was made for another address, only that address can ask for.
            "asks_to_forget": sync.asks_to_forget(passkey) and not passkey.elsewhere,
        }
        return render(self.request, "otp_passkeys/delete.html", context, status=status)


def _in_words(ways_in: list[str]) -> str:
    """Return ways to sign in as part of a sentence."""
    # Translators: Follows on “You can still sign in with”.
    password = gettext("your password")
    return get_text_list([password if way == "password" else way for way in ways_in])
