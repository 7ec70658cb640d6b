"""The settings: each is optional, bears its own name and is read when it is used."""

from typing import Any

import pytest

from otp_passkeys.conf import Settings, conf
from otp_passkeys.policy import Policy

# The policy is an instance of what its setting names, and has a test of its own. What the others are by default is in
# the reference, with which tests/docs/test_reference.py compares them.
SETTINGS = [
    name for name in vars(Settings) if name.startswith("OTP_") and name != "OTP_PASSKEYS_POLICY"
]


class OurPolicy(Policy):
    """Stand for what a site decides."""


def a_callable(*arguments: Any) -> None:
    """Stand for what a site names in a setting."""


@pytest.mark.parametrize("name", SETTINGS)
def test_read_at_each_access(settings: Any, name: str) -> None:
    """A property reads the setting of its own name, anew each time; none is there to begin with."""
    default = getattr(conf, name)
    for value in (len, max):
        setattr(settings, name, value)
        assert getattr(conf, name) is value
    delattr(settings, name)
    assert getattr(conf, name) == default


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
