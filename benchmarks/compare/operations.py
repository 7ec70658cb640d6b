"""What is measured, as a site of any package does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator

from .meters import Meter
from .sites import Site

_numbers = count(1)


class Refused(Exception):
    """A request was answered as none of these should be."""


class Operations:
    """The operations of a site, by the names that the table has for them; each is done once with each call."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._client = Client()
        self._authenticator = Authenticator()
        self._user = _make_user()
        self._enrol(self._user, self._authenticator)
        self.all: dict[str, Callable[[Meter], None]] = {
            "sign-in": self.sign_in,
            "registration": self.registration,
        }
        if site.sends_mails:
            self.all["registration and its mail"] = self.registration_and_mail
        if site.has_tag:
            self.all |= {"sign-in and sync": self.sign_in_and_sync, "idle page": self._idle()}
        if site.list_page is not None:
            for length in (10, 100):
                self.all[f"list of {length}"] = self._list(length, {"path": site.list_page})
        if site.json_list is not None:
            self.all["JSON list of 100"] = self._list(100, site.json_list)

    def sign_in(self, meter: Meter) -> None:
        """Sign in in a new browser: options and answer; the authenticator's own work does not count."""
        self._client.cookies.clear()
        with meter(1):
            response = self._site.ask_to_sign_in(self._client)
        assertion = self._authenticator.get(self._site.options(_good(response)))
        with meter(1):
            response = self._site.sign_in(self._client, assertion)
        _good(response)
        if "_auth_user_id" not in self._client.session:
            raise Refused("nobody is signed in")

    def registration(self, meter: Meter) -> None:
        """Register the first passkey of a user whom a password signed in, and who has no address for a mail."""
        self._register(_make_user(), meter)

    def registration_and_mail(self, meter: Meter) -> None:
        """Register the first passkey of a user who has an address."""
        user = _make_user()
        user.email = f"{user.username}@example.com"
        user.save()
        self._register(user, meter)

    def _register(self, user: User, meter: Meter) -> None:
        client = Client()
        client.force_login(user)
        client.get("/plain/", secure=True)  # loads the middleware, which is not the registration's
        authenticator = Authenticator()
        with meter(1):
            response = self._site.ask_to_register(client)
        made = authenticator.create(self._site.options(_good(response)), discoverable=True)
        with meter(1):
            response = self._site.register(client, made)
        _good(response)

    def sign_in_and_sync(self, meter: Meter) -> None:
        """Sign in, and do what the sign-in causes: the tag on the next page, and the requests of its script."""
        self._site.wants_sync = True
        self.sign_in(meter)
        self._site.wants_sync = False
        self._sync(meter)

    def _sync(self, meter: Meter) -> None:
        with meter(-1):
            self._client.get("/plain/", secure=True)
        with meter(1):
            response = self._client.get("/tagged/", secure=True)
        if b"<script" not in _good(response).content:
            raise Refused("no sync was due")

        def send(request: Callable[[], Any]) -> Any:
            with meter(1):
                response = request()
            return _good(response)

        self._site.sync(self._client, send)

    def _idle(self) -> Callable[[Meter], None]:
        """Return what opens a page with the tag where nothing is due, less the same page without."""

        def prepare() -> None:
            self.sign_in_and_sync(_nothing)

        def run(meter: Meter) -> None:
            prepare_once()
            with meter(-1):
                self._client.get("/plain/", secure=True)
            with meter(1):
                response = self._client.get("/tagged/", secure=True)
            if b"<script" in _good(response).content:
                raise Refused("a sync was due")

        prepare_once = _once(prepare)
        return run

    def _list(self, length: int, request: dict[str, Any]) -> Callable[[Meter], None]:
        """Return what opens the list of a user with so many passkeys."""
        client = Client()

        def prepare() -> None:
            user = _make_user()
            self._enrol(user, Authenticator())
            self._site.copy([user] * (length - 1))
            client.force_login(user)

        def run(meter: Meter) -> None:
            prepare_once()
            with meter(1):
                response = client.get(secure=True, **request)
            if _good(response).content.count(b"Key ") < length - 1:
                raise Refused("passkeys are missing from the list")

        prepare_once = _once(prepare)
        return run

    def _enrol(self, user: User, authenticator: Authenticator) -> None:
        client = Client()
        client.force_login(user)
        options = self._site.options(_good(self._site.ask_to_register(client)))
        _good(self._site.register(client, authenticator.create(options, discoverable=True)))


@contextmanager
def _nothing(sign: int) -> Iterator[None]:
    """Measure nothing."""
    yield


def _make_user() -> User:
    name = f"user-{next(_numbers):07}"
    user = User(username=name, password="!", first_name="A", last_name="User")
    user.save()
    return user


def _good(response: Any) -> Any:
    if response.status_code >= 400:
        raise Refused(f"{response.status_code}: {response.content[:500]!r}")
    return response


def _once(function: Callable[[], None]) -> Callable[[], None]:
    todo = [function]

    def run() -> None:
        while todo:
            todo.pop()()

    return run
