"""The two ceremonies of WebAuthn as pure functions over py_webauthn.

No request, no database. py_webauthn does the steps of WebAuthn L3 §7.1 and §7.2 that the specification spells out in
bytes; what it leaves to the application is added here, and everything it may raise becomes a
:class:`~otp_passkeys.exceptions.PasskeyError`. It is imported when the first ceremony runs, so that a process that
never sees a passkey does not pay for it.
"""

from .keys import require_sound_key
from .options import Descriptor, authentication_options, registration_options
from .verification import (
    NewCredential,
    UsedCredential,
    verify_authentication,
    verify_registration,
)

__all__ = [
    "Descriptor",
    "NewCredential",
    "UsedCredential",
    "authentication_options",
    "registration_options",
    "require_sound_key",
    "verify_authentication",
    "verify_registration",
]
