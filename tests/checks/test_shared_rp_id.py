"""The check of a shared RP ID, on sites that also let in this machine and addresses, as health checks need."""

from typing import Any

import pytest

from ..helpers.checks import ids

pytestmark = pytest.mark.django_db  # Django's own checks of models ask what the database can do


@pytest.mark.parametrize(
    ("hosts", "warns"),
    [
        (["staging.example.com", "localhost"], True),
        (["staging.example.com", "127.0.0.1", "[::1]", ".localhost"], True),
        (["example.com", "localhost"], False),
        (["localhost", "10.0.0.1"], False),  # nobody's browser has that RP ID there
    ],
)
def test_local_hosts(settings: Any, hosts: list[str], warns: bool) -> None:
    """W003, Y12: a host at which no browser takes the RP ID does not quiet the warning for the one that counts."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = hosts, "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://staging.example.com"]
    assert ("otp_passkeys.W003" in ids(deploy=True)) is warns
