"""The system checks of single settings, each with the remedy that it names."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from .test_checks import messages


@pytest.mark.parametrize("value", ["discouraged", "Required", "", None, True])
def test_unknown_verification(settings: Any, value: object) -> None:
    """E010: a value that nobody knows is named, before it weakens what it was to strengthen."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = value
    (message,) = messages()
    assert message.id == "otp_passkeys.E010"
    assert repr(value) in message.msg


@pytest.mark.parametrize("value", ["required", "always", "preferred"])
def test_known_verification(settings: Any, value: str) -> None:
    """E010: what its remedy names is no fault."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = value
    assert messages() == []


@pytest.mark.parametrize("path", ["nowhere.Way", "django.forms.Form", "otp_passkeys.conf"])
def test_no_way(settings: Any, path: str) -> None:
    """E011: a way that is none is named before a user stands before a page that fails."""
    ways = settings.OTP_PASSKEYS_REAUTHENTICATION_WAYS = [
        "otp_passkeys.actions.ways.PasswordWay",
        path,
    ]
    (message,) = messages()
    assert message.id == "otp_passkeys.E011"
    assert repr(ways[1]) in message.msg


@pytest.mark.parametrize("value", ["off", "unknown", "", 0, 1, ["no-unknown"]])
def test_unknown_signals(settings: Any, value: object) -> None:
    """E012: a value that nobody knows is named, before a deployment signals what it must not."""
    settings.OTP_PASSKEYS_SIGNALS = value
    (message,) = messages()
    assert message.id == "otp_passkeys.E012"
    assert repr(value) in message.msg


@pytest.mark.parametrize("value", [True, False, "no-unknown"])
def test_known_signals(settings: Any, value: object) -> None:
    """E012: what its remedy names is no fault."""
    settings.OTP_PASSKEYS_SIGNALS = value
    assert messages() == []


NO_NUMBER: list[Any] = ["300", "", None, 0.5, 300.0, True, datetime.timedelta(minutes=5)]
AGES = ["OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE", "OTP_PASSKEYS_CHALLENGE_MAX_AGE"]


@pytest.mark.parametrize("name", AGES)
@pytest.mark.parametrize("value", NO_NUMBER, ids=repr)
def test_age_that_is_no_number(settings: Any, name: str, value: object) -> None:
    """E014, S6.12: a number that the environment gave as text is named, before requests fail with it."""
    setattr(settings, name, value)
    (message,) = messages()
    assert message.id == "otp_passkeys.E014"
    assert name in message.msg
    assert repr(value) in message.msg


@pytest.mark.parametrize("name", AGES)
@pytest.mark.parametrize("value", [0, -1, -600])
def test_age_that_nothing_meets(settings: Any, name: str, value: int) -> None:
    """E015, S6.12: an age of 0 asks for ever; the remedy for it is another argument of the view."""
    setattr(settings, name, value)
    (message,) = messages()
    assert message.id == "otp_passkeys.E015"
    assert name in message.msg
    assert repr(value) in message.msg
    assert ("once=True" in str(message.hint)) is ("REAUTHENTICATION" in name)
    setattr(settings, name, 1)
    assert messages() == []
