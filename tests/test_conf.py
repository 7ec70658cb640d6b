"""The settings: each is optional, bears its own name and is read when it is used."""

from __future__ import annotations

from typing import Any

import pytest

from otp_passkeys.conf import Settings, conf
from otp_passkeys.policy import Policy

DEFAULTS = {
    "OTP_PASSKEYS_RP_ID": None,
    "OTP_PASSKEYS_RP_NAME": None,
    "OTP_PASSKEYS_ALLOWED_ORIGINS": None,
    "OTP_PASSKEYS_RELYING_PARTY": None,
    "OTP_PASSKEYS_USER_VERIFICATION": "required",
    "OTP_PASSKEYS_CHALLENGE_MAX_AGE": 600,
    "OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE": 600,
    "OTP_PASSKEYS_REAUTHENTICATION_WAYS": (
        "otp_passkeys.actions.ways.PasskeyWay",
        "otp_passkeys.actions.ways.PasswordWay",
        "otp_passkeys.actions.ways.TokenWay",
    ),
    "OTP_PASSKEYS_RECOVERY_URL": None,
    "OTP_PASSKEYS_REMEMBER_ACCOUNTS": True,
    "OTP_PASSKEYS_NOTIFY": True,
    "OTP_PASSKEYS_SIGNALS": None,
    "OTP_PASSKEYS_THROTTLE": None,
}


class OurPolicy(Policy):
    """Stand for what a site decides."""


def a_callable(*arguments: Any) -> None:
    """Stand for what a site names in a setting."""


def test_every_setting_is_tested() -> None:
    """A setting that is added has its default here."""
    settings = {name for name in vars(Settings) if name.startswith("OTP_")}
    assert settings == {*DEFAULTS, "OTP_PASSKEYS_POLICY"}


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_default(name: str, default: object) -> None:
    """Each setting is optional."""
    assert getattr(conf, name) == default


@pytest.mark.parametrize("name", DEFAULTS)
def test_read_at_each_access(settings: Any, name: str) -> None:
    """A property reads the setting of its own name, anew each time."""
    for value in (len, max):
        setattr(settings, name, value)
        assert getattr(conf, name) is value
    delattr(settings, name)
    assert getattr(conf, name) == DEFAULTS[name]


@pytest.mark.parametrize("name", ["OTP_PASSKEYS_RELYING_PARTY", "OTP_PASSKEYS_THROTTLE"])
def test_dotted_path(settings: Any, name: str) -> None:
    """A callable may be named by its path; a wrong path is an error and not a silent default."""
    setattr(settings, name, f"{__name__}.a_callable")
    assert getattr(conf, name) is a_callable
    setattr(settings, name, f"{__name__}.missing")
    with pytest.raises(ImportError):
        getattr(conf, name)


def test_policy(settings: Any) -> None:
    """The policy is an instance of the class that is named, itself or by its path, anew each time."""
    assert type(conf.OTP_PASSKEYS_POLICY) is Policy
    for named in (OurPolicy, f"{__name__}.OurPolicy"):
        settings.OTP_PASSKEYS_POLICY = named
        assert type(conf.OTP_PASSKEYS_POLICY) is OurPolicy
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.missing"
    with pytest.raises(ImportError):
        conf.OTP_PASSKEYS_POLICY  # noqa: B018
