"""The check of the class that the site names for what it decides."""

from typing import Any

import pytest

from otp_passkeys.policy import Policy

from ..helpers.checks import messages

E013 = "otp_passkeys.E013"
pytestmark = pytest.mark.django_db


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
