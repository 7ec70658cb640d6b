"""Remembered accounts: those that signed in with this browser, in a signed cookie that opens nothing."""

from .accounts import (
    Account,
    account,
    accounts,
    forget,
    forget_user,
    leave,
    may_return,
    remember,
    remember_once,
    renew,
)
from .cookie import COOKIE, MAX_ACCOUNTS, MAX_AGE, MAX_LENGTH

__all__ = [
    "COOKIE",
    "MAX_ACCOUNTS",
    "MAX_AGE",
    "MAX_LENGTH",
    "Account",
    "account",
    "accounts",
    "forget",
    "forget_user",
    "leave",
    "may_return",
    "remember",
    "remember_once",
    "renew",
]
