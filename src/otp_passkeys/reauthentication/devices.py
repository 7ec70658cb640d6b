"""Whether the passkey or other device that gave a proof is still there (P15).

Somebody who stole a passkey signs in with it; the owner deletes it, or support switches it off. What the thief has
proved until then must not outlive it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import router
from django_otp import DEVICE_ID_SESSION_KEY

from ..models import Passkey
from ..sign_ins import verifying_device

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_otp.models import Device


def is_verified(request: HttpRequest, passkeys: Collection[Passkey] | None = None) -> bool:
    """Say whether django-otp takes the session for verified, by a device that is still there.

    Where django-otp's middleware has not seen the user, the session says which device it was, if there is a session.

    :param request: a request of the user.
    :param passkeys: all of the user's, where they are at hand; it saves a query.
    """
    loaded = verifying_device(request.user)
    if loaded is not None:
        device: str | None = str(loaded.persistent_id)
    else:
        device = getattr(request, "session", {}).get(DEVICE_ID_SESSION_KEY)
    return device is not None and is_alive(request, device, passkeys)


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
    # django-otp's middleware has looked in this very request, if the session is verified by that device. It may have
    # looked into a replica that lags.
    loaded = verifying_device(user)
    if loaded is not None and loaded.persistent_id == device and _is_current(loaded):
        return True
    try:
        model = apps.get_model(label)
        rows = model._default_manager.using(router.db_for_write(model))
        return bool(rows.filter(pk=pk, user_id=user.pk, confirmed=True).exists())
    # An app that the site no longer has, or one that has another kind of primary keys now.
    except (LookupError, ValueError, ValidationError):
        return False


def _is_current(device: Device) -> bool:
    """Say whether a device comes from the database that writes go to, or from none."""
    return device._state.db in {None, router.db_for_write(type(device))}
