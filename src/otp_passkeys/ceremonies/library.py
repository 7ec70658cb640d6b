"""The frame around every call of py_webauthn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..exceptions import VerificationFailed

T = TypeVar("T")


def guarded(call: Callable[[], T]) -> T:
    """Make a call of the library, and turn whatever it raises into a refusal.

    :param call: the call, with no database work in it.
    :raises VerificationFailed: if the library raises anything.
    """
    try:
        return call()
    except Exception as error:  # KeyError, TypeError, binascii.Error and more were seen
        raise VerificationFailed(f"refused by py_webauthn: {type(error).__name__}") from error
