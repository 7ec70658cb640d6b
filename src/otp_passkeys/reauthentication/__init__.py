"""Reauthentication: asking again who is at the browser before something sensitive is done."""

from .marker import (
    Marker,
    Need,
    consume,
    mark,
    note_enrolment,
    on_user_logged_in,
    read_marker,
    require,
)
from .protection import (
    ReauthenticationRequiredMixin,
    reauthentication_required,
    refusal,
    remind_of_unsent,
    safe_target,
)

__all__ = [
    "Marker",
    "Need",
    "ReauthenticationRequiredMixin",
    "consume",
    "mark",
    "note_enrolment",
    "on_user_logged_in",
    "read_marker",
    "reauthentication_required",
    "refusal",
    "remind_of_unsent",
    "require",
    "safe_target",
]
