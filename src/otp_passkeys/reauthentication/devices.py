"""Whether the passkey or other device that gave a proof is still there (P15).

Somebody who stole a passkey signs in with it; the owner deletes it, or support switches it off. What the thief has
proved until then must not outlive it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import router

from ..models import Passkey

if TYPE_CHECKING:
    from django.http import HttpRequest


def is_alive(
    request: HttpRequest, device: str | None, passkeys: Collection[Passkey] | None = None
) -> bool:
    """Say whether a django-otp device is there, confirmed, and this user's.

    :param request: a request of the user.
    :param device: its ``persistent_id``; None stands for a proof that no device gave.
    :param passkeys: all of the user's, where they are at hand; it saves a query.
    """
    if device is None:
        return True
    user: Any = request.user
    label, _, pk = device.rpartition("/")
    if passkeys is not None and label == Passkey._meta.label_lower:
        return any(one.confirmed and str(one.pk) == pk for one in passkeys)
    # django-otp's middleware has looked in this very request, if the session is verified by that device.
    loaded = getattr(user, "otp_device", None)
    if loaded is not None and loaded.persistent_id == device:
        return True
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):  # an app that the site no longer has
        return False
    rows = model._default_manager.using(router.db_for_write(model))
    return bool(rows.filter(pk=pk, user_id=user.pk, confirmed=True).exists())
