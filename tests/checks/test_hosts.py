"""The checks of hosts: one that stands beside itself with ``www.``, and those that an RP ID is shared with."""

from typing import Any

import pytest
from django.core import checks
from django.test import RequestFactory

from otp_passkeys.relying_party import relying_party

from ..helpers.checks import ids, messages

W004 = "otp_passkeys.W004"
pytestmark = pytest.mark.django_db


def twins() -> list[checks.CheckMessage]:
    """Return what `manage.py check --deploy` says of twins."""
    return [one for one in messages(deploy=True) if one.id == W004]


@pytest.mark.parametrize(
    "hosts", [["example.com", "www.example.com"], ["WWW.example.com", "Example.com"]]
)
def test_twins(settings: Any, hosts: list[str]) -> None:
    """W004: a passkey of one host does not work at the other; the RP ID that the hint names mends it."""
    settings.ALLOWED_HOSTS = hosts
    (message,) = twins()
    assert message.level == checks.WARNING
    requests = [RequestFactory().get("/", SERVER_NAME=host.lower()) for host in hosts]
    assert len({relying_party(request).id for request in requests}) == 2
    settings.OTP_PASSKEYS_RP_ID = str(message.hint).split("'")[1]
    assert twins() == []
    assert len({relying_party(request).id for request in requests}) == 1
    assert W004 not in [one.id for one in messages()]  # nothing that concerns development


@pytest.mark.parametrize(
    "hosts", [["example.com"], ["www.example.com"], ["a.example", "www.b.example"], ["*"]]
)
def test_no_twins(settings: Any, hosts: list[str]) -> None:
    """W004: other hosts are none of each other's."""
    settings.ALLOWED_HOSTS = hosts
    assert twins() == []


def test_own_relying_party(settings: Any) -> None:
    """W004: a site that makes its relying party itself knows what it does."""
    settings.ALLOWED_HOSTS = ["example.com", "www.example.com"]
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: None
    assert twins() == []


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
