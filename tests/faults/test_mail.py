"""The mail server hangs or refuses: the passkey is added all the same, and soon."""

import logging
import socket
import time
from collections.abc import Iterator
from typing import Any

import django
import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import Passkey
from otp_passkeys.notifications import mails
from otp_passkeys.testing import Authenticator, register

from ..helpers.steps import SignedIn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """Listen on a port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Hold a port where nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def send_to(settings: Any, port: int, timeout: float | None = None) -> None:
    """Let the site send its mails by SMTP."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    if django.VERSION < (6, 1):
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = backend, timeout
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    else:
        options = {"host": "127.0.0.1", "port": port, "timeout": timeout}
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}


def added(alice: User, signed_in: SignedIn) -> float:
    """Add a passkey and return how many seconds that took."""
    client = signed_in(alice)
    start = time.monotonic()
    assert register(client, Authenticator()).status_code == 201
    return time.monotonic() - start


def test_server_hangs(
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    silent_server: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """P11: Django would wait for ever where the site set no timeout; we give up, and the log says so."""
    monkeypatch.setattr(mails, "_PATIENCE", 0.5)
    send_to(settings, silent_server)
    with caplog.at_level(logging.WARNING):
        assert 0.5 <= added(alice, signed_in) < 10
    assert "A mail was not sent: " in caplog.text
    assert Passkey.objects.count() == 1
    assert 0.5 <= added(alice, signed_in) < 10
    assert Passkey.objects.count() == 2


def test_patience() -> None:
    """P11: a worker that is ended after 30 seconds, as gunicorn's are, is not lost to a mail server."""
    assert mails._PATIENCE == 10


def test_site_says_how_long(
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    silent_server: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P11: the timeout of the site counts."""
    monkeypatch.setattr(mails, "_PATIENCE", 60)
    send_to(settings, silent_server, timeout=0.5)
    assert 0.5 <= added(alice, signed_in) < 10


def test_server_is_down(
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    closed_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """P11: nor does it cost the passkey where nobody listens."""
    send_to(settings, closed_port)
    assert added(alice, signed_in) < 10
    assert "A mail was not sent: ConnectionRefusedError" in caplog.text
    assert Passkey.objects.count() == 1
