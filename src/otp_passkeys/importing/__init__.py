"""Passkeys from other packages and files, and out again (S5).

A source yields plain records, user by user. They are judged as a registration would be, planned, and written in one
transaction for each user.
"""

from .allauth import Allauth
from .django_mfa import DjangoMfa
from .django_mfa2 import DjangoMfa2
from .django_otp_webauthn import DjangoOtpWebauthn
from .django_passkeys import DjangoPasskeys
from .exporting import lines
from .json_lines import JsonLines
from .missing import lacks
from .planning import Plan, Rules
from .records import Left, Owned, Record
from .tables import TableSource
from .two_factor_auth import TwoFactorAuth
from .writing import take

PACKAGES: dict[str, type[TableSource]] = {
    source.name: source
    for source in (
        DjangoOtpWebauthn,
        Allauth,
        DjangoPasskeys,
        DjangoMfa2,
        TwoFactorAuth,
        DjangoMfa,
    )
}
"""The packages whose tables can be read, by the names that the command takes."""

__all__ = [
    "PACKAGES",
    "JsonLines",
    "Left",
    "Owned",
    "Plan",
    "Record",
    "Rules",
    "TableSource",
    "lacks",
    "lines",
    "take",
]
