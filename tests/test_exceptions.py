"""The refusals: each code of the reference has one class and one status."""

import inspect
import re

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from otp_passkeys import exceptions
from otp_passkeys.exceptions import PasskeyError

from .helpers.docs import DOCS

# The table of errors in JSON, which is the promise: a status, and below it a code.
PAGE = (DOCS / "reference" / "http.rst").read_text("utf-8")
TABLE = re.findall(r"^   \* - (\d{3})\n     - ``(\w+)``$", PAGE, re.M)
CLASSES = [
    each
    for _, each in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(each, PasskeyError) and each is not PasskeyError
]


def test_each_code_has_its_status() -> None:
    """T24: every class has the status that its code was promised."""
    assert {(int(status), code) for status, code in TABLE} == {
        (each.status, each.code) for each in CLASSES
    }


def test_each_code_has_one_class() -> None:
    """T24: every code is one class, and every class one code of the table."""
    codes = [each.code for each in CLASSES]
    assert len(codes) == len(set(codes))
    assert sorted(codes) == sorted(code for _, code in TABLE)


def test_base_is_a_refusal_too() -> None:
    """A site's own subclass without a code is answered like any failed verification."""
    assert PasskeyError.code == "verification_failed"


@pytest.mark.parametrize("error", CLASSES)
def test_message_is_fixed(error: type[PasskeyError]) -> None:
    """T24: the user reads a fixed, translatable sentence; the reason goes to the log alone."""
    raised = error("a reason for the log")
    assert isinstance(error.message, Promise)
    with override(None):
        assert str(raised.message) == str(error.message)
        assert str(raised.message).endswith(".")
    assert str(raised) == raised.reason == "a reason for the log"


@pytest.mark.parametrize("error", CLASSES)
def test_reason_defaults_to_the_code(error: type[PasskeyError]) -> None:
    """The log never reads an empty reason."""
    assert error().reason == error.code


def test_no_promise_of_removal() -> None:
    """S0.16: no message claims that the browser has removed a passkey."""
    with override(None):
        for error in CLASSES:
            assert "removed" not in str(error.message)
