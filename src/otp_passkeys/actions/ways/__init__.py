"""Ways to prove, in a session, that it is still the same person: a passkey, the password, a code.

To add its own way, a site writes a class with the members of :class:`Way`, named in
``OTP_PASSKEYS_REAUTHENTICATION_WAYS``.
"""

from .base import Way
from .passkey import PasskeyWay
from .password import PasswordWay
from .token import TokenWay

__all__ = ["PasskeyWay", "PasswordWay", "TokenWay", "Way"]
