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
from .protection import (
    ADD_BUTTON,
    ReauthenticationRequiredMixin,
    asks_for_json,
    reauthentication_required,
    refusal,
    remind_of_unsent,
    take_add_again,
)
from .receivers import on_hijack, on_user_logged_in
from .renewing import follow_hash, renew_key
from .returning import as_reached, front_end, is_own_origin, leads_elsewhere, safe_target

__all__ = [
    "ADD_BUTTON",
    "Marker",
    "Need",
    "ReauthenticationRequiredMixin",
    "as_reached",
    "asks_for_json",
    "consume",
    "follow_hash",
    "forget",
    "fresh_marker",
    "front_end",
    "is_own_origin",
    "leads_elsewhere",
    "mark",
    "on_hijack",
    "on_user_logged_in",
    "read_marker",
    "reauthentication_required",
    "rebind",
    "refusal",
    "remind_of_unsent",
    "renew_key",
    "require",
    "require_still",
    "safe_target",
    "take_add_again",
]
