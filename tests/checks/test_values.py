"""The system checks of single settings, each with the remedy that it names."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core import checks

from ..helpers.checks import messages

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.each_set,
]  # Django 6.1 asks the database what it supports


@pytest.mark.parametrize("value", ["discouraged", "Required", "", None, True, ["required"]])
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


@pytest.mark.parametrize(
    "path", ["nowhere.Way", ".ways.Way", "django.forms.Form", "otp_passkeys.conf", "x", 7]
)
def test_no_way(settings: Any, path: Any) -> None:
    """E011: a way that is none is named before a user stands before a page that fails."""
    ways = settings.OTP_PASSKEYS_REAUTHENTICATION_WAYS = [
        "otp_passkeys.actions.ways.PasswordWay",
        path,
    ]
    (message,) = messages()
    assert message.id == "otp_passkeys.E011"
    assert repr(ways[1]) in message.msg


@pytest.mark.parametrize("value", ["otp_passkeys.actions.ways.PasswordWay", None, 7])
def test_ways_that_are_no_list(settings: Any, value: object) -> None:
    """E011, S6.12: text in place of a list is one error, not one for each character."""
    settings.OTP_PASSKEYS_REAUTHENTICATION_WAYS = value
    (message,) = messages()
    assert message.id == "otp_passkeys.E011"
    assert repr(value) in message.msg


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


SWITCHES = {"REMEMBER_ACCOUNTS": (True, False, "masked"), "NOTIFY": (True, False)}


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", ["False", "", 0, None])
def test_switch(settings: Any, name: str, value: object) -> None:
    """E018, S6.12: the text "False", as an environment variable gives it, would be taken for true."""
    setattr(settings, f"OTP_PASSKEYS_{name}", value)
    (message,) = messages()
    assert message.id == "otp_passkeys.E018"
    assert f"OTP_PASSKEYS_{name} is {value!r}" in message.msg
    for good in SWITCHES[name]:
        setattr(settings, f"OTP_PASSKEYS_{name}", good)
        assert messages() == []


@pytest.mark.parametrize("name", ["RELYING_PARTY", "THROTTLE"])
@pytest.mark.parametrize(
    "value",
    [
        "no.such.module.function", f"{__name__}.missing", "function", "", ".", ".limits.function",
        "limits..function", f"{__name__}.AGES", 7,
    ],
)  # fmt: skip
def test_callable(settings: Any, name: str, value: object) -> None:
    """E017, S6.12: a callable that is not there is named by the check, and not by the first request."""
    settings.ALLOWED_HOSTS = ["example.com"]
    setattr(settings, f"OTP_PASSKEYS_{name}", value)
    (message,) = messages(deploy=True)
    assert message.id == "otp_passkeys.E017"
    assert f"OTP_PASSKEYS_{name} is {value!r}" in message.msg
    for good in (test_known_signals, f"{__name__}.test_known_signals", None):
        setattr(settings, f"OTP_PASSKEYS_{name}", good)
        assert messages(deploy=True) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("OTP_PASSKEYS_RPID", "Did you mean OTP_PASSKEYS_RP_ID?"),
        ("OTP_PASSKEYS_ORIGINS", "Did you mean OTP_PASSKEYS_ALLOWED_ORIGINS?"),
        ("OTP_PASSKEYS_SIGNAL", "Did you mean OTP_PASSKEYS_SIGNALS?"),
        ("OTP_PASSKEYS_REAUTH_MAX_AGE", "Did you mean OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE?"),
        ("OTP_PASSKEY_RP_NAME", "Did you mean OTP_PASSKEYS_RP_NAME?"),
        ("OTP_PASSKEYS_MASK_ACCOUNTS", "Set OTP_PASSKEYS_REMEMBER_ACCOUNTS to 'masked' instead."),
        (
            "OTP_PASSKEYS_SIGN_COUNT_MAY_REPEAT",
            "Override sign_count_may_repeat() in your OTP_PASSKEYS_POLICY instead.",
        ),
        ("OTP_PASSKEYS_COLOUR", "Remove it, or look up its name."),
        ("OTP_PASSKEYS_", "Remove it, or look up its name."),
    ],
)
def test_unknown_name(settings: Any, name: str, hint: str) -> None:
    """W005, S6.12: a setting with a typing error does nothing; the nearest name is offered."""
    setattr(settings, name, "example.com")
    (message,) = messages()
    assert (message.id, message.level) == ("otp_passkeys.W005", checks.WARNING)
    assert f" {name}," in message.msg
    assert message.hint == hint
    delattr(settings, name)
    assert messages() == []
