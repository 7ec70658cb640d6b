"""Reauthentication: asking again who is at the browser before something sensitive is done."""

from .marker import (
    Marker,
    consume,
    forget,
    fresh_marker as fresh_marker,
    mark,
    read_marker as read_marker,
    rebind as rebind,
    require,
    require_still as require_still,
)
from .need import Need
from .protection import (
    ADD_BUTTON as ADD_BUTTON,
    ReauthenticationRequiredMixin,
    prefers_json as prefers_json,
    reauthentication_required,
    refusal,
    remind_of_unsent as remind_of_unsent,
    safe_target as safe_target,
    take_add_again as take_add_again,
)
from .receivers import (
    on_hijack as on_hijack,
    on_user_logged_in as on_user_logged_in,
)
from .renewing import (
    follow_hash as follow_hash,
    renew_key as renew_key,
)

# What a site may call. The names that stand twice above are for the other floors of the app.
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
