"""What users had sent when they were asked who they are: it was not kept, and they are reminded to do it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext

if TYPE_CHECKING:
    from django.http import HttpRequest

UNSENT = "otp_passkeys_unsent"
ADD_AGAIN = "otp_passkeys_add_again"
ADD_BUTTON = "otp-passkeys-add"
"""The ID of the button that adds a passkey, and so the fragment of the address that leads to it."""


def note_unsent(request: HttpRequest, page: str) -> None:
    """Note that a request was refused which would have changed something.

    :param request: that request.
    :param page: the page that it came from, to which the user returns.
    """
    request.session[UNSENT] = page


def remind_of_unsent(request: HttpRequest, target: str) -> None:
    """Tell users, on the page to which they return, that what they sent from it was not done.

    :param request: the request that reauthenticated.
    :param target: where the user goes now.
    """
    if request.session.pop(UNSENT, None) != target:
        return
    # The panel says it there, also on a site that shows no messages.
    if target.endswith(f"#{ADD_BUTTON}"):
        request.session[ADD_AGAIN] = True
        return
    # Translators: Users have just confirmed who they are. What they had sent before that was not kept.
    text = gettext("Thanks, it’s you. Nothing has been changed yet: please do it again.")
    messages.info(request, text, fail_silently=True)


def take_add_again(request: HttpRequest) -> bool:
    """Say, once, whether the user has come back from confirming because they want to add a passkey.

    :param request: the request whose page shows the panel.
    """
    return bool(request.session.pop(ADD_AGAIN, False))
