"""Reauthentication: asking again who is at the browser before something sensitive is done."""

from .marker import (
    Marker,
    consume,
    forget,
    fresh_marker,
    mark,
    read_marker,
    rebind,
    require,
    require_still,
)
from .need import Need
from .protection import ReauthenticationRequiredMixin, reauthentication_required
from .receivers import on_hijack, on_user_logged_in
from .refusing import asks_for_json, refusal
from .renewing import follow_hash, renew_key
from .returning import as_reached, front_end, is_own_origin, leads_elsewhere, safe_target
from .unsent import ADD_BUTTON, remind_of_unsent, take_add_again

__all__ = [
    "Marker",
    "Need",
    "ReauthenticationRequiredMixin",
    "consume",
    "forget",
    "mark",
    "reauthentication_required",
    "refusal",
    "require",
]
