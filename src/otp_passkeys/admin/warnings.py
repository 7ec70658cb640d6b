"""What the admin says where a user's only way to sign in is about to go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..models import Passkey


def say_spared(model_admin: Any, request: HttpRequest, passkeys: Iterable[Passkey]) -> None:
    """Say which passkeys an action leaves as they are, with the way to each.

    :param model_admin: the admin of passkeys.
    :param request: the request of the action.
    :param passkeys: those that are their owners' only way in.
    """
    name = f"{model_admin.admin_site.name}:{model_admin.opts.app_label}_{model_admin.opts.model_name}_change"
    links = [(reverse(name, args=[one.pk]), str(one)) for one in passkeys]
    if not links:
        return
    text = gettext(
        # Translators: In the admin, followed by the names of passkeys, each with its owner.
        "These stay as they are, because their owners couldn’t sign in without them. If you mean it, open each:"
    )
    listed = format_html_join(", ", '<a href="{}">{}</a>', links)
    model_admin.message_user(request, format_html("{} {}", text, listed), messages.WARNING)


def warn_of_deletion(model_admin: Any, request: HttpRequest, passkey: Passkey) -> None:
    """Say on the page that deletes a passkey that its owner has no other way in.

    :param model_admin: the admin of passkeys.
    :param request: the request for the page.
    :param passkey: the passkey.
    """
    text = gettext(
        # Translators: In the admin. %(passkey)s is the name of a passkey, %(owner)s that of a user.
        "“%(passkey)s” is the only way in for %(owner)s. If you delete it, they can’t sign in until you give them a"
        " password or another way."
    )
    names = {"passkey": passkey.name, "owner": passkey.user.get_username()}
    model_admin.message_user(request, text % names, messages.WARNING)
