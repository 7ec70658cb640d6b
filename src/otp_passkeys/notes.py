"""What the panel says once, after another page has renamed or deleted a passkey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import providers

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .models import Passkey

NOTE = "otp_passkeys_note"


@dataclass(frozen=True)
class Note:
    """What was done to a passkey.

    :param deleted: whether it was deleted; else it was renamed.
    :param name: what its owner calls it; of a deleted one, what they called it.
    :param aaguid: of its provider.
    """

    deleted: bool
    name: str
    aaguid: str | None

    @property
    def provider(self) -> providers.Provider:
        """Where a deleted one may still be saved."""
        return providers.provider(self.aaguid)


def leave(request: HttpRequest, passkey: Passkey, *, deleted: bool) -> None:
    """Leave a note for the next panel that this session opens.

    :param request: the request that renamed or deleted.
    :param passkey: as it is now, or as it was.
    :param deleted: whether it is gone.
    """
    request.session[NOTE] = [deleted, passkey.name, passkey.aaguid]


def take(request: HttpRequest) -> Note | None:
    """Return the note that was left, if there is one, and remove it.

    :param request: the request that shows the panel.
    """
    session = getattr(request, "session", None)
    if session is None or NOTE not in session:
        return None
    return Note(*session.pop(NOTE))
