"""What the panel shows of a user's passkeys, on its own page and in a page of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from .. import notes, panel_address, reauthentication, this_device, usable
from ..advice import for_passkeys
from ..impersonation import is_impersonated
from ..rows import Rows
from .adding import MAX_PASSKEYS
from .sign_out_elsewhere import ends_sessions

if TYPE_CHECKING:
    from django.http import HttpRequest


def panel_of(request: HttpRequest, *, home: str) -> dict[str, Any]:
    """Return the variables of ``includes/panel.html``; a note that was left for this session is used up.

    :param request: a request of the user whose passkeys are shown.
    :param home: the address of the page that the panel is in.
    """
    passkeys = usable.listed(request, request.user)
    return {
        "passkeys": passkeys,
        "rows": Rows(),
        "is_full": len(passkeys) >= MAX_PASSKEYS,
        "advice": for_passkeys(passkeys, now()),
        "here_probably": this_device.probable(request, passkeys),
        "note": notes.take(request),
        **panel_address.way_back(home),
        "add_again": reauthentication.take_add_again(request),
        "read_only": is_impersonated(request),
        "ends_sessions": ends_sessions(request.user),
    }
