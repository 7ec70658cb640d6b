"""A site under attack: alice's passkey, bob's, and a browser that sends what it is told to."""

from __future__ import annotations

import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from packaging.requirements import Requirement

from otp_passkeys import challenges, exceptions
from otp_passkeys.challenges import Purpose
from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_refused
from otp_passkeys.testing import ES256, Authenticator, sign_in, to_base64url

from ..helpers.signals import sent
from ..helpers.steps import ORIGIN, SignedIn, ask, csrf_secret, enrol, request_of
from .case import Case, Request
from .counts import COUNT
from .parts import Parts

if TYPE_CHECKING:
    import pytest

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
HONEST_EVERY = 40
# What py_webauthn refuses says so, in its own words. They are compared in the release of the lock only: another may
# choose other words, and is as right.
LIBRARY = "refused by py_webauthn"
LOCK = Path(__file__).parents[2] / "constraints.txt"
[LOCKED] = (
    pin.specifier
    for pin in map(Requirement, LOCK.read_text("utf-8").splitlines())
    if pin.name == "webauthn" and (pin.marker is None or pin.marker.evaluate())
)
WORDS_ARE_KNOWN = version("webauthn") in LOCKED


def body_of(made: object, encoding: str) -> Request:
    """Put a credential into the body of a request, if it is not a whole one already."""
    if isinstance(made, Request):
        return made
    text = made if isinstance(made, bytes) else json.dumps(made).encode()
    if encoding == "json":
        return Request(b'{"nickname": "", "credential": ' + text + b"}")
    return Request(urlencode({"credential": text}).encode(), FORM)


def all_rows(model: type[Model]) -> list[Any]:
    """Return the rows of a table as the database has them: thousands of times, the ORM would take most of a test."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # the primary key
        return list(cursor.fetchall())


def explanation(error: BaseException | None) -> str:
    """Return what an error and its causes say."""
    said = []
    while error is not None:
        said.append(f"{type(error).__name__}: {error}")
        error = error.__cause__
    return " <- ".join(said)


class Site:
    """The site, and one browser at it.

    :param name: the address under attack: `register` or `authenticate`.
    :param visitor: whether nobody is signed in; else it is alice, by her passkey.
    :param synced: whether copies of her passkey may be kept.
    """

    def __init__(
        self,
        name: str,
        alice: User,
        bob: User,
        signed_in: SignedIn,
        *,
        visitor: bool,
        synced: bool = True,
    ) -> None:
        self.name, self.visitor = name, visitor
        self.authenticator = Authenticator(
            algorithms=[ES256], counter_step=1, backup_eligible=synced
        )
        enrol(signed_in(alice), self.authenticator, counter=COUNT)
        bobs = Authenticator(algorithms=[ES256])
        enrol(signed_in(bob), bobs)
        self.stranger = bobs.credentials[0]
        self.asking = self.client = Client()
        if not visitor:
            assert sign_in(self.client, self.authenticator).status_code == 200
        elif name == "register":  # a visitor gets no options
            self.asking = signed_in(alice)
        self.user = alice if name == "register" or not visitor else None
        self.purpose = (
            Purpose.REGISTER
            if name == "register"
            else Purpose.SIGN_IN
            if visitor
            else Purpose.CONFIRM
        )
        self.options = ask(self.asking, f"{name}-options")
        self.before = self.state()

    def parts(self) -> Parts:
        """Run an honest ceremony up to the answer."""
        # As the address for options issues it, without a request for each of thousands.
        challenge = challenges.issue(
            request_of(self.asking, self.user),
            purpose=self.purpose,
            requires_user_verification=True,
            account=self.user.pk if self.user and self.purpose is Purpose.CONFIRM else None,
        )
        options = {**self.options, "challenge": to_base64url(challenge)}
        if self.name == "register":
            fresh = Authenticator(algorithms=[ES256])
            answer = fresh.create(options)
            return Parts(answer, fresh.credentials[0], self.stranger)
        answer = self.authenticator.get(options)
        return Parts(answer, self.authenticator.credentials[0], self.stranger)

    def send(self, made: object, encoding: str) -> Any:
        """Send what a case made."""
        request = body_of(made, encoding)
        accept = JSON if request.content_type == JSON else "text/html"
        headers = {"Origin": ORIGIN, "Accept": accept, "X-CSRFToken": csrf_secret(self.client)}
        return self.client.generic(
            request.method,
            reverse(f"otp_passkeys:{self.name}"),
            request.body,
            request.content_type,
            secure=True,
            headers=headers,
            **{"CONTENT_TYPE": request.content_type, **request.meta},  # type: ignore[arg-type]
        )

    def state(self) -> list[Any]:
        """Return all that an answer might change: rows, sessions, what the browser keeps."""
        kept = {name: morsel.value for name, morsel in self.client.cookies.items()}
        kept.pop("csrftoken", None)
        return [*(all_rows(model) for model in (Passkey, User, Session)), kept]

    def attack(self, case: Case, encoding: str, log: pytest.LogCaptureFixture) -> None:
        """Send a case, and check that it is refused for its own reason and leaves nothing."""
        made = case.make(self.parts())
        log.clear()
        with sent(passkey_refused) as refused:
            began = time.process_time()  # a busy machine is no hang
            response = self.send(made, encoding)
            took = time.process_time() - began
        said = [explanation(call["error"]) for call in refused]
        assert took < 1, f"{case.name}: {took:.1f} s"
        if self.visitor and self.name == "register":
            self._check_turned_away(case, response)
        else:
            self._check_refused(case, response, said)
            if case.reason:
                # Django logs each 4xx on a logger of its own.
                logged = [each.getMessage() for each in log.records if each.name == "otp_passkeys"]
                reason = refused[0]["error"].reason
                assert logged == [f"Refused an answer: {case.code} ({reason})"], case.name
        assert self.state() == self.before, case.name

    def _check_turned_away(self, case: Case, response: Any) -> None:
        """A visitor's registration is not even read; what is no JSON leads to the sign-in page."""
        what = f"{case.name}: {response.status_code}"
        if case.code == "method_not_allowed":
            assert response.status_code == 405, what
        elif response.wsgi_request.content_type != JSON:
            assert response.status_code == 302, what
            assert response["Location"].startswith("/passkeys/sign-in/"), what
        else:
            assert response.status_code == 401, what
            assert response.json()["code"] == "not_authenticated"

    def _check_refused(self, case: Case, response: Any, said: list[str]) -> None:
        what = f"{case.name}: {response.status_code} {said} {response.content[:200]!r}"
        status = _status(case.code) if case.code else case.status
        assert response.status_code == status, what
        if response["Content-Type"] == JSON and response.content:
            assert response.json()["code"] == case.code, what
        if case.reason:
            assert len(said) == 1, what
            foreign = LIBRARY in said[0] and not WORDS_ARE_KNOWN
            assert foreign or case.reason in said[0], what
        else:
            assert said == [], what

    def honest(self) -> None:
        """Check that an honest sign-in works after all that was sent."""
        assert sign_in(Client(), self.authenticator).status_code == 200
        self.before = self.state()


def _status(code: str) -> int:
    """Return the status of a refusal."""
    named = [each for each in vars(exceptions).values() if getattr(each, "code", None) == code]
    return int(named[0].status)
