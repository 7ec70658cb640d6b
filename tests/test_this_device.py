"""Which passkey is probably on the device that asks."""

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from otp_passkeys.models import Passkey
from otp_passkeys.this_device import probable

from .helpers.rows import stored_passkey

APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
WINDOWS = "08987058-cadc-4b81-b6e1-30de50dcbe96"
GOOGLE = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"
AGENTS = {
    APPLE: [
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    ],
    WINDOWS: ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"],
    GOOGLE: [
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36",
    ],
}
CASES = [(aaguid, agent) for aaguid, agents in AGENTS.items() for agent in agents]


def of(user: User, aaguid: str | None, transport: str = "internal") -> Passkey:
    """Store a passkey of a provider."""
    return stored_passkey(user, aaguid=aaguid, transports=[transport])


def found(rf: RequestFactory, user: User, agent: str | None = CASES[0][1]) -> Passkey | None:
    """Say which it is, to a browser that calls itself so."""
    headers = {} if agent is None else {"User-Agent": agent}
    return probable(rf.get("/", headers=headers), Passkey.objects.for_user(user))


@pytest.mark.parametrize(("aaguid", "agent"), CASES)
def test_by_the_system(rf: RequestFactory, alice: User, aaguid: str, agent: str) -> None:
    """S3.3: of several, the one of the provider that comes with the system of the browser."""
    made = {one: of(alice, one) for one in AGENTS}
    assert found(rf, alice, agent) == made[aaguid]


def test_the_only_one_on_a_device(rf: RequestFactory, alice: User) -> None:
    """S3.3: one that is on a device beside keys and telephones is it, whatever its provider."""
    of(alice, APPLE, "usb")
    of(alice, APPLE, "hybrid")
    assert found(rf, alice) is None
    one = of(alice, None)
    assert found(rf, alice, agent=None) == one


def test_nobody_knows(rf: RequestFactory, alice: User) -> None:
    """S3.3: where it may be two, or the browser does not say what it runs on, none is pointed at."""
    of(alice, APPLE)
    of(alice, None)
    assert found(rf, alice) is not None
    assert found(rf, alice, agent=None) is None
    assert found(rf, alice, agent="curl/8") is None
    of(alice, APPLE)
    assert found(rf, alice) is None
