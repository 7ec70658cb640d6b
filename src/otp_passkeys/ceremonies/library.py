"""The frame around every call of py_webauthn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from ..exceptions import VerificationFailed

T = TypeVar("T")


def guarded(call: Callable[[], T], explain: Callable[[Exception], str]) -> T:
    """Make a call of the library, and turn whatever it raises into a refusal.

    :param call: the call, with no database work in it.
    :param explain: returns what to say in the log of what the call raised.
    :raises VerificationFailed: if the library raises anything.
    """
    try:
        return call()
    except Exception as error:  # KeyError, TypeError, binascii.Error and more were seen
        reason = type(error).__name__
        with suppress(Exception):  # it is a refusal whether or not it can be explained
            reason = explain(error)
        raise VerificationFailed(f"refused by py_webauthn: {reason}") from error
