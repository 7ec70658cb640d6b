"""The library :mod:`~otp_passkeys.templatetags.otp_passkeys` under a name that templates in the wild load."""

from .otp_passkeys import register as register
