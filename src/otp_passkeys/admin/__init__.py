"""Passkeys in the admin: to look at, to switch off, to delete; key material is never edited."""

from .inlines import PasskeyInline
from .passkeys import PasskeyAdmin

__all__ = ["PasskeyAdmin", "PasskeyInline"]
