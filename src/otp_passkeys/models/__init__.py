"""What is stored: passkeys, user handles, what was imported, and the challenges that were answered."""

from .challenges import SpentChallenge as SpentChallenge
from .details import UserDetails, user_details
from .handles import (
    UserHandle as UserHandle,
    remember_emptied as remember_emptied,
)
from .imported import (
    ImportedCredential as ImportedCredential,
    ImportedHandle as ImportedHandle,
    handle_key as handle_key,
)
from .passkeys import (
    CREDENTIAL_ID_MAX_LENGTH as CREDENTIAL_ID_MAX_LENGTH,
    HANDLE_LENGTH as HANDLE_LENGTH,
    NICKNAME_MAX_LENGTH as NICKNAME_MAX_LENGTH,
    PUBLIC_KEY_MAX_LENGTH as PUBLIC_KEY_MAX_LENGTH,
    Passkey,
    PasskeyManager,
)

__all__ = ["Passkey", "PasskeyManager", "UserDetails", "user_details"]
