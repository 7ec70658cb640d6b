"""The documentation's limits, with django-ratelimit and django-axes (T20)."""

import importlib.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.steps import answer, outcome, post

DOCS = Path(__file__).parents[2] / "docs" / "how-to"


def example(name: str) -> Callable[..., Any]:
    """Return the limit of a page of the documentation."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    throttle: Callable[..., Any] = module.throttle
    return throttle


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Begin and end with an empty cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ratelimit() -> Iterator[None]:
    """Run the site with the limit of django-ratelimit."""
    with override_settings(OTP_PASSKEYS_THROTTLE=example("throttling_ratelimit")):
        yield


@pytest.fixture
def axes(settings: Any) -> None:
    """Run the site with django-axes, which counts in the cache and locks out after three failures."""
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    settings.AXES_COOLOFF_TIME = 1  # hour
    settings.AUTHENTICATION_BACKENDS = [
        "axes.backends.AxesStandaloneBackend",
        *settings.AUTHENTICATION_BACKENDS,
    ]
    settings.OTP_PASSKEYS_THROTTLE = example("throttling_axes")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, or a window of django-ratelimit may end in the middle of a test."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


def refuse(client: Client, times: int) -> None:
    """Send answers that are refused."""
    for _ in range(times):
        assert outcome(answer(client, "authenticate", {})) == "malformed_request"


def test_ratelimit_of_beginnings(client: Client, db: None, ratelimit: None, clock: None) -> None:
    """After sixty beginnings in a minute the address waits until the minute is over, whatever it claims to be."""
    for _ in range(60):
        assert outcome(post(client, "authenticate-options")) == "200"
    waiting = post(client, "authenticate-options")
    assert outcome(waiting) == "throttled"
    assert 1 <= int(waiting["Retry-After"]) <= 60
    address = reverse("otp_passkeys:authenticate-options")
    assert client.post(address, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 429
    assert client.post(address, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_ratelimit_of_refusals(
    client: Client, passkey: Passkey, authenticator: Authenticator, ratelimit: None, clock: None
) -> None:
    """After more than ten refusals in ten minutes no answer of the address is judged."""
    refuse(client, 11)
    waiting = sign_in(client, authenticator)
    assert outcome(waiting) == "throttled"
    assert 1 <= int(waiting["Retry-After"]) <= 600
    cache.clear()
    assert outcome(sign_in(client, authenticator)) == "200"


def test_axes(client: Client, passkey: Passkey, authenticator: Authenticator, axes: None) -> None:
    """django-axes counts refused passkeys like wrong passwords, and locks the address out for its time."""
    refuse(client, 3)
    waiting = sign_in(client, authenticator)
    assert (outcome(waiting), waiting["Retry-After"]) == ("throttled", "3600")
    cache.clear()
    assert outcome(sign_in(client, authenticator)) == "200"


def test_axes_without_an_end(
    client: Client, passkey: Passkey, authenticator: Authenticator, axes: None, settings: Any
) -> None:
    """A lock that only a person lifts is answered with a day."""
    settings.AXES_COOLOFF_TIME = None
    refuse(client, 3)
    assert sign_in(client, authenticator)["Retry-After"] == str(24 * 3600)


def test_axes_by_its_backend_alone(
    client: Client, passkey: Passkey, authenticator: Authenticator, axes: None, settings: Any
) -> None:
    """Without the setting, the backend of django-axes refuses a good passkey too while the lock stands."""
    settings.OTP_PASSKEYS_THROTTLE = None
    refuse(client, 3)
    assert outcome(sign_in(client, authenticator)) == "credential_disabled"
