"""The system checks of single settings, each with the remedy that it names."""

import datetime
from typing import Any

import pytest

from otp_passkeys.policy import Policy

from ..helpers.checks import messages, only_message

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.each_set,
]  # Django 6.1 asks the database what it supports


UNKNOWN: dict[tuple[str, str], list[object]] = {
    ("E010", "USER_VERIFICATION"): ["discouraged", "Required", "", None, True, ["required"]],
    ("E011", "REAUTHENTICATION_WAYS"): ["otp_passkeys.actions.ways.PasswordWay", None, 7],
    ("E012", "SIGNALS"): ["off", "unknown", "", 0, 1, ["no-unknown"]],
}


@pytest.mark.parametrize(
    ("number", "name", "value"), [(*each, value) for each in UNKNOWN for value in UNKNOWN[each]]
)
def test_unknown(settings: Any, number: str, name: str, value: object) -> None:
    """E010 to E012, S6.12: a value that nobody knows is named, and text in place of a list is one error."""
    setattr(settings, f"OTP_PASSKEYS_{name}", value)
    only_message(number, repr(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("USER_VERIFICATION", value) for value in ("required", "always", "preferred")),
        *(("SIGNALS", value) for value in (True, False, "no-unknown")),
    ],
)
def test_known(settings: Any, name: str, value: object) -> None:
    """E010, E012: what the remedy names is no fault."""
    setattr(settings, f"OTP_PASSKEYS_{name}", value)
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
    only_message("E011", repr(ways[1]))


NO_NUMBER: list[Any] = ["300", "", None, 0.5, 300.0, True, datetime.timedelta(minutes=5)]
AGES = ["OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE", "OTP_PASSKEYS_CHALLENGE_MAX_AGE"]


@pytest.mark.parametrize("name", AGES)
@pytest.mark.parametrize("value", NO_NUMBER, ids=repr)
def test_age_that_is_no_number(settings: Any, name: str, value: object) -> None:
    """E014, S6.12: a number that the environment gave as text is named, before requests fail with it."""
    setattr(settings, name, value)
    only_message("E014", name, repr(value))


@pytest.mark.parametrize("name", AGES)
@pytest.mark.parametrize("value", [0, -1, -600])
def test_age_that_nothing_meets(settings: Any, name: str, value: int) -> None:
    """E015, S6.12: an age of 0 asks for ever; the remedy for it is another argument of the view."""
    setattr(settings, name, value)
    message = only_message("E015", name, repr(value))
    assert ("once=True" in str(message.hint)) is ("REAUTHENTICATION" in name)
    setattr(settings, name, 1)
    assert messages() == []


SWITCHES = {"REMEMBER_ACCOUNTS": (True, False, "masked"), "NOTIFY": (True, False)}


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", ["False", "", 0, None])
def test_switch(settings: Any, name: str, value: object) -> None:
    """E018, S6.12: the text "False", as an environment variable gives it, would be taken for true."""
    setattr(settings, f"OTP_PASSKEYS_{name}", value)
    only_message("E018", f"OTP_PASSKEYS_{name} is {value!r}")
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
    only_message("E017", f"OTP_PASSKEYS_{name} is {value!r}", deploy=True)
    for good in (test_known, f"{__name__}.test_known", None):
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
    message = only_message("W005", f" {name},")
    assert message.hint == hint
    delattr(settings, name)
    assert messages() == []


E013 = "otp_passkeys.E013"


class Own(Policy):
    """A site's own policy."""


class NoPolicy:
    """A class that is none, though it may have the methods."""


@pytest.mark.parametrize(
    "named", ["no.such.module.Policy", f"{__name__}.Missing", f"{__name__}.NoPolicy", NoPolicy, 7]
)
def test_no_policy(settings: Any, named: object) -> None:
    """E013: a class that is not there, or is no policy, is an error that names it and says what to do."""
    settings.OTP_PASSKEYS_POLICY = named
    (message,) = [one for one in messages() if one.id == E013]
    assert repr(named) in message.msg
    settings.OTP_PASSKEYS_POLICY = str(message.hint).split("'")[1]
    assert E013 not in [one.id for one in messages()]


@pytest.mark.parametrize("named", [f"{__name__}.Own", Own])
def test_policy(settings: Any, named: object) -> None:
    """E013: a subclass, by its path or itself, is a policy."""
    settings.OTP_PASSKEYS_POLICY = named
    assert E013 not in [one.id for one in messages()]
