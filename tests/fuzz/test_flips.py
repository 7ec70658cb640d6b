"""Flipped bits in valid answers: none is taken that means something else, and nothing fails.

`FUZZ_TRIES` says how many are tried; `nox -s fuzz` tries 100 000, the suite some.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.ceremonies import UsedCredential
from otp_passkeys.credentials import credential_id, read_credential
from otp_passkeys.exceptions import CredentialNotFound, PasskeyError
from otp_passkeys.models import Passkey
from otp_passkeys.testing import EDDSA, ES256, ML_DSA_44, RS256, Authenticator
from otp_passkeys.views.bodies import load

from ..helpers.ceremonies import Holder, ask_to_create, verify_created
from ..helpers.steps import SignedIn, ask, enrol, is_signed_in, outcome
from ..hostile.flips import Valid, flipped, is_equal
from ..hostile.site import body_of

pytestmark = pytest.mark.extended

TRIES = int(os.environ.get("FUZZ_TRIES", "2000"))
AT_ADDRESSES = 50  # one try in so many is sent to an address
KINDS: list[dict[str, Any]] = [
    {"algorithm": ES256},
    {"algorithm": EDDSA},
    {"algorithm": RS256},
    {"algorithm": ML_DSA_44},
    {"algorithm": ES256, "credential_id_length": 1023},
    {"algorithm": ES256, "extensions": {"credProtect": 2, "example": {"a": [1, b"x", True]}}},
]
SEED = 20
Report = Callable[[str], None]


@pytest.fixture
def report(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Report:
    """Return a function that shows a line while a long test runs."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")

    def show(line: str) -> None:
        if TRIES > 10_000 and reporter is not None:
            with capsys.disabled():
                reporter.write_line(line)

    return show


def valid_answers() -> Iterator[Valid]:
    """Yield valid answers of each kind, for both ceremonies."""
    for kind in KINDS:
        for attestation in ("none", "packed"):
            answer = Authenticator().create(
                ask_to_create(), force=True, attestation=attestation, **kind
            )
            yield Valid(f"registration, {attestation}, {kind}", answer, verify_created)
        holder = Holder(**kind)
        extensions = {"extensions": kind["extensions"]} if "extensions" in kind else {}
        answer = holder.get(**extensions)
        for known in (False, True):
            verify = partial(verify_used, holder, requires_user_handle=not known)
            yield Valid(f"sign-in, {known}, {kind}", answer, verify, user_is_known=known)


def verify_used(holder: Holder, made: Any, **arguments: Any) -> UsedCredential:
    """Find the passkey by its ID, as the action does, and verify the assertion."""
    if credential_id(read_credential(made)) != holder.stored.credential_id:
        raise CredentialNotFound
    return holder.verify(made, **arguments)


def attempt(valid: Valid, text: bytes) -> str:
    """Try one answer at the ceremonies, and return the code of the refusal, or `equal`."""
    try:
        made = load(text)
        record = valid.verify(made)
    except PasskeyError as error:
        return error.code
    assert is_equal(valid, made, record), (valid.name, text)
    return "equal"


def test_ceremonies(report: Report) -> None:
    """No flip is taken unless it is equal in meaning, and none raises anything but a refusal (SECURITY)."""
    dice = random.Random(SEED)
    answers = list(valid_answers())
    for valid in answers:
        record = valid.verify(valid.answer)
        assert is_equal(valid, valid.answer, record), valid.name
    outcomes: dict[str, int] = {}
    began = time.perf_counter()
    for number in range(1, TRIES + 1):
        valid = dice.choice(answers)
        code = attempt(valid, flipped(valid.answer, dice))
        outcomes[code] = outcomes.get(code, 0) + 1
        if number % 10_000 == 0:
            report(f"{number} of {TRIES} after {time.perf_counter() - began:.0f} s: {outcomes}")
    assert sum(outcomes.values()) == TRIES
    assert outcomes["verification_failed"] > TRIES // 4  # else the flips hit nothing that matters


class Address:
    """One of the two addresses that finish a ceremony, and who asks it."""

    def __init__(self, name: str, client: Client, authenticator: Authenticator) -> None:
        self.name, self.client, self.authenticator = name, client, authenticator

    def valid(self) -> Valid:
        """Run an honest ceremony up to the answer."""
        options = ask(self.client, f"{self.name}-options")
        registers = self.name == "register"
        answer = Authenticator().create(options) if registers else self.authenticator.get(options)
        return Valid(self.name, answer, lambda made: None, user_is_known=False)

    def attempt(self, dice: random.Random) -> str:
        """Send one flipped answer, and return the code of the refusal, or `equal`."""
        valid = self.valid()
        text = flipped(valid.answer, dice)
        request = body_of(text, "json")
        before = list(Passkey.objects.order_by("pk").values())
        response = self.client.generic(
            "POST", f"/passkeys/{self.name}/", request.body, request.content_type, secure=True
        )
        assert response.status_code < 500, text
        if response.status_code >= 400:
            assert list(Passkey.objects.order_by("pk").values()) == before, text
            assert self.name == "register" or not is_signed_in(self.client), text
            return outcome(response)
        assert is_equal(valid, load(text), Passkey.objects.latest("pk")), text
        if self.name == "register":
            Passkey.objects.latest("pk").delete()
        else:
            self.client.logout()
        return "equal"


def test_addresses(alice: User, signed_in: SignedIn, report: Report) -> None:
    """The same at the addresses: a refusal is no failure of the server, and leaves nothing (SECURITY)."""
    dice = random.Random(SEED)
    authenticator = Authenticator()
    user = signed_in(alice)
    enrol(user, authenticator)
    addresses = [
        Address("register", signed_in(alice), authenticator),
        Address("authenticate", Client(), authenticator),
    ]
    outcomes: dict[str, int] = {}
    began = time.perf_counter()
    for number in range(1, max(100, TRIES // AT_ADDRESSES) + 1):
        code = dice.choice(addresses).attempt(dice)
        outcomes[code] = outcomes.get(code, 0) + 1
        if number % 500 == 0:
            report(f"{number} sent after {time.perf_counter() - began:.0f} s: {outcomes}")
    assert outcomes["verification_failed"] > 20
