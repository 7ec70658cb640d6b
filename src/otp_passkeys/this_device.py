"""Which passkey of a list is probably on the device that asks.

A browser that refuses to add a second one does not say which the first is. This is a guess that helps to find the row,
and nothing depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .models import Passkey

# The providers that come with a system, by the beginning of their AAGUIDs. A browser on Android names Linux as well.
_BUILT_IN = (
    (re.compile("Mac|iPhone|iPad"), ("fbfc3007-", "dd4ec289-")),
    (re.compile("Windows"), ("08987058-", "9ddd1817-", "6028b017-")),
    (re.compile("Android|Linux|CrOS"), ("ea9b8d66-", "b93fd961-")),
)


def probable(request: HttpRequest, passkeys: Iterable[Passkey]) -> Passkey | None:
    """Return the passkey that is probably on the device of a browser, or None if several may be.

    :param request: a request of that browser.
    :param passkeys: all of the user's.
    """
    on_devices = [passkey for passkey in passkeys if "internal" in passkey.transports]
    if len(on_devices) > 1:
        agent = request.headers.get("User-Agent", "")
        providers = next((names for system, names in _BUILT_IN if system.search(agent)), ())
        on_devices = [one for one in on_devices if (one.aaguid or "").startswith(tuple(providers))]
    return on_devices[0] if len(on_devices) == 1 else None
