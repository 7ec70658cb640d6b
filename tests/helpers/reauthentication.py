"""What a session says of its user's proof, read and changed behind the app's back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.test import Client
from django.utils.http import urlencode
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys.reauthentication.marker import MARKER

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PAGE = "/passkeys/reauthenticate/"
BY_PASSKEY = "/passkeys/reauthenticate/passkey/"
SECOND_FACTOR = "/passkeys/reauthenticate/second-factor/"
NO_RECOVERY = "ask the people who run this site for help."  # where the site names no address for it


def asks(page: str, target: str) -> str:
    """Return the address of a page that asks and leads to a target."""
    return f"{page}?{urlencode({'next': target})}"


def keep(client: Client, **values: Any) -> None:
    """Write into the session of a browser; None removes."""
    session = client.session
    for name, value in values.items():
        if value is None:
            session.pop(name, None)
        else:
            session[name] = value
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""


def stored(client: Client) -> dict[str, Any]:
    """Return the marker that the session of a browser holds."""
    marker: dict[str, Any] = client.session[MARKER]
    return marker


def alter(client: Client, **members: Any) -> None:
    """Change members of the marker."""
    keep(client, **{MARKER: {**stored(client), **members}})


def grow_old(client: Client, seconds: int = 605) -> None:
    """Let time pass since the user proved who they are."""
    alter(client, time=stored(client)["time"] - seconds)


def give(
    client: Client, way: str = "password", page: str = PAGE, *, secure: bool = False, **fields: Any
) -> Response:
    """Post the form of the page that asks."""
    return client.post(page, {"way": way, **fields}, secure=secure)


def totp_of(user: User, **fields: Any) -> TOTPDevice:
    """Give a user an authenticator app."""
    return TOTPDevice.objects.create(user=user, **{"name": "my phone", **fields})


def code_of(device: TOTPDevice) -> str:
    """Return what the authenticator app shows now."""
    return f"{totp(device.bin_key, device.step, device.t0, device.digits):06}"


def recovery_codes(user: User, *codes: str) -> StaticDevice:
    """Give a user recovery codes."""
    device = StaticDevice.objects.create(user=user, name="codes")
    for code in codes:
        device.token_set.create(token=code)
    return device


def is_verified(client: Client) -> bool:
    """Say whether django-otp takes the session of a browser for verified."""
    return DEVICE_ID_SESSION_KEY in client.session and bool(
        client.get("/").wsgi_request.user.is_verified()
    )


def ways(client: Client, page: str = PAGE) -> list[str]:
    """Return the labels in the list of all ways, or nothing if there is no list."""
    content = client.get(f"{page}?way=choose").content.decode()
    return re.findall(r'class="otp-passkeys-choice" href="[^"]*">([^<]*)</a>', content)
