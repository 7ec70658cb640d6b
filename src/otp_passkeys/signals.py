"""Django signals: what has happened to a passkey. Those of changes are sent after the commit."""

from django.dispatch import Signal

__all__ = [
    "passkey_deleted",
    "passkey_refused",
    "passkey_registered",
    "passkey_renamed",
    "passkey_used",
]

passkey_registered = Signal()
"""A passkey was added.

Arguments: ``sender`` (the Passkey class), ``request`` or None, ``user``, ``passkey``, ``purpose`` (``"register"``, or
``"upgrade"`` if the browser added it by itself after a sign-in).
"""

passkey_used = Signal()
"""A passkey signed a user in or confirmed them.

Arguments: ``sender`` (the Passkey class), ``request``, ``user``, ``passkey``, ``purpose`` (``"sign_in"`` or
``"confirm"``), ``user_verified`` (whether the authenticator checked a PIN or biometrics). If the sign count of a synced
passkey fell in this use, ``passkey.sign_count_fell_at`` is ``passkey.last_used_at``.
"""

passkey_renamed = Signal()
"""A nickname changed. Arguments: ``sender`` (the Passkey class), ``request`` or None, ``user``, ``passkey``."""

passkey_deleted = Signal()
"""A passkey was deleted. Arguments: ``sender``, ``request`` or None, ``user``, ``passkey`` (no longer stored)."""

passkey_refused = Signal()
"""An answer was refused, the one whose sign count may come from a copy of a device-bound passkey included.

Arguments: ``sender`` (the Passkey class), ``request``, ``user`` (the owner of the passkey that answered, or None),
``passkey`` (or None), ``error`` (the :class:`~otp_passkeys.exceptions.PasskeyError`).
"""
