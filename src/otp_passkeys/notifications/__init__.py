"""Mails to users whose passkeys changed: when one is sent, how many may be, and by which names it calls things."""

from .mails import on_passkey_deleted, on_passkey_registered
