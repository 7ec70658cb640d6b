"""What is stored: passkeys, user handles, what was imported, and the challenges that were answered."""

from .challenges import SpentChallenge
from .details import UserDetails, read_anew, user_details
from .handles import UserHandle, remember_emptied
from .imported import ImportedCredential, ImportedHandle, handle_key
from .passkeys import (
    HANDLE_LENGTH,
    NICKNAME_MAX_LENGTH,
    PUBLIC_KEY_MAX_LENGTH,
    Passkey,
    PasskeyManager,
    oldest_first,
)

__all__ = ["Passkey", "PasskeyManager", "UserDetails", "user_details"]
