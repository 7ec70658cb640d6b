"""What the tests share: the actors, their browsers, and the counter of statements."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.http import HttpRequest
from django.test import Client, RequestFactory

from otp_passkeys import challenges
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from .helpers.counting import counting
from .helpers.enrolled import give_passkey
from .helpers.steps import AtomicRequests, SignedIn, verify
from .settings import DATABASE

pytest_plugins = ["otp_passkeys.testing.fixtures", "tests.running"]

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Give each worker of pytest-xdist a database of its own, and SQLite's file the name of this very process.

    Mutation testing forks after the settings were read.
    """
    if DATABASE == "sqlite":
        name = Path(tempfile.gettempdir()) / f"otp_passkeys_{os.getpid()}.sqlite3"
        connections["default"].settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture
def alice(db: None) -> User:
    """Make alice, who has a name and an e-mail address."""
    return User.objects.create_user(
        "alice", "alice@example.com", PASSWORD, first_name="Alice", last_name="Archer"
    )


@pytest.fixture
def bob(db: None) -> User:
    """Make bob, who has a user name only."""
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def eve(db: None) -> User:
    """Make eve, who tries everything."""
    return User.objects.create_user("eve", "eve@example.com", PASSWORD)


@pytest.fixture
def carol(alice: User) -> User:
    """Return alice without a password."""
    alice.set_unusable_password()
    alice.save()
    return alice


@pytest.fixture
def csrf_client() -> Client:
    """Return a client whose requests are refused without a CSRF token, as a browser's are."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def signed_in() -> SignedIn:
    """Return a function that signs a user in on a new client, as if by password.

    The session of a user who has a passkey is verified, as if it had been used as the second factor;
    `verified=False` leaves it as the password opened it. Other keyword arguments go to `Client`:
    `signed_in(alice, enforce_csrf_checks=True)`.
    """

    def sign_in(user: User, *, verified: bool = True, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        passkey = Passkey.objects.filter(user=user, confirmed=True).first()
        if verified and passkey is not None:
            verify(client, passkey)
        return client

    return sign_in


@pytest.fixture
def browser(alice: User, signed_in: SignedIn) -> Client:
    """Return alice's browser, signed in."""
    return signed_in(alice)


@pytest.fixture
def passkey(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give alice the passkey of a real registration."""
    return give_passkey(alice, signed_in, authenticator)


@pytest.fixture(params=[False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def atomic_requests(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    """Run the test without and with ATOMIC_REQUESTS, with real commits."""
    with AtomicRequests() if request.param else nullcontext():
        yield


@pytest.fixture(autouse=True)
def protect_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test import the protected views: decorators run at import, and are what is tested there."""
    monkeypatch.delitem(sys.modules, "tests.reauthentication.urls", raising=False)


@pytest.fixture(autouse=True)
def purge_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer purge by chance, or what a request costs would be another in one run of 64."""
    monkeypatch.setattr(challenges, "PURGE_EVERY", 2**128)


@pytest.fixture
def purge_always(purge_never: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer purge."""
    monkeypatch.setattr(challenges, "PURGE_EVERY", 1)


@pytest.fixture
def request_of(rf: RequestFactory) -> Callable[[User], HttpRequest]:
    """Return a function that makes a request of a user whose session is stored."""

    def make(user: User) -> HttpRequest:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        request = rf.get("/")
        request.COOKIES["sessionid"] = client.cookies["sessionid"].value
        request.session = client.session
        request.user = user
        return request

    return make


@pytest.fixture
def count() -> Callable[..., Any]:
    """Return the counter: `with count(statements=7, commits=2): ...`."""
    return counting
