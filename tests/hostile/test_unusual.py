"""What is valid is taken, however unusual, and does what a usual answer does."""

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import ES256, Authenticator, register, sign_in

from ..helpers.steps import SignedIn, ask, enrol, is_signed_in, post
from ..sampling import taking_turns
from .parts import Parts
from .site import body_of
from .unusual import REGISTRATIONS, SIGN_INS, Unusual

pytestmark = pytest.mark.in_turn

NICKNAMES = [
    "Ключ", "👩‍💻 laptop", "שלי", "مفتاحي", "e\u0301tage", "鍵" * 64, "İstanbul", "<b>&amp;",
]  # fmt: skip


def send(client: Client, name: str, made: object, encoding: str) -> Any:
    """Send a credential."""
    request = body_of(made, encoding)
    return client.generic(
        "POST", f"/passkeys/{name}/", request.body, request.content_type, secure=True
    )


def made_by(authenticator: Authenticator, answer: dict[str, Any], case: Unusual) -> object:
    """Make the unusual answer out of the usual one."""
    credential = authenticator.credentials[-1]
    parts = Parts(answer, credential, credential)
    made = case.make(parts)
    # Where the passkey is not what is unusual, the answer is; one of the two values of s is the usual one.
    either = case.make in (SIGN_INS["low s"].make, SIGN_INS["high s"].make)
    usual = body_of(parts.make(), "json") == body_of(made, "json")
    assert case.behaviour or either or not usual
    return made


@pytest.mark.parametrize(("name", "encoding"), taking_turns(REGISTRATIONS, ["json", "form"]))
def test_takes_registrations(alice: User, signed_in: SignedIn, name: str, encoding: str) -> None:
    """The passkey is stored, and signs in."""
    case = REGISTRATIONS[name]
    authenticator = Authenticator(algorithms=[ES256], counter_step=1)
    client = signed_in(alice)
    answer = authenticator.create(ask(client, "register-options"), **case.behaviour)
    response = send(client, "register", made_by(authenticator, answer, case), encoding)
    assert response.status_code == (201 if encoding == "json" else 302), response.content
    assert Passkey.objects.get().user == alice
    if name != "count at its end":
        assert sign_in(Client(), authenticator).status_code == 200


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *taking_turns(
            [name for name in SIGN_INS if not SIGN_INS[name].confirms],
            list(product([True, False], ["json", "form"])),
        ),
        *taking_turns(
            [name for name in SIGN_INS if SIGN_INS[name].confirms],
            list(product([False], ["json", "form"])),
        ),
    ],
)
def test_takes_sign_ins(alice: User, signed_in: SignedIn, name: str, way: tuple[bool, str]) -> None:
    """The owner is signed in or confirmed, and the use is recorded."""
    case = SIGN_INS[name]
    visitor, encoding = way
    authenticator = Authenticator(algorithms=[ES256])
    authenticator.counter_step = 0 if case.behaviour.get("counter") == 0 else 1
    passkey = enrol(signed_in(alice), authenticator, **case.behaviour)
    client = Client() if visitor else signed_in(alice)
    answer = authenticator.get(ask(client, "authenticate-options"))
    response = send(client, "authenticate", made_by(authenticator, answer, case), encoding)
    assert response.status_code == (200 if encoding == "json" else 302), response.content
    assert is_signed_in(client)
    passkey.refresh_from_db()
    assert passkey.last_used_at is not None


@pytest.mark.parametrize("nickname", NICKNAMES)
def test_takes_nicknames(authenticator: Authenticator, nickname: str, browser: Client) -> None:
    """A name in any writing is stored, in normal form C."""
    response = register(browser, authenticator, nickname=nickname)
    assert response.status_code == 201
    assert "nickname_error" not in response.json()
    assert Passkey.objects.get().nickname == nickname.replace("e\u0301", "é")


@pytest.mark.parametrize(
    "nickname", [None, 5, [], {}, True, "\0", "\ud800", "x" * 65, "\u202e", "x" * 30_000]
)
def test_drops_odd_nicknames(
    authenticator: Authenticator, nickname: object, browser: Client
) -> None:
    """The passkey is kept without a name that cannot be: the browser has saved it."""
    answer = authenticator.create(ask(browser, "register-options"))
    response = post(browser, "register", {"credential": answer, "nickname": nickname})
    assert response.status_code == 201
    assert Passkey.objects.get().nickname == ""


@pytest.mark.parametrize(
    "target",
    [
        "\0", "\ud800", "//evil.example", "/\ud800", "/\0", "/" * 20_000, "javascript:x",
        "https:///x", "/é",
    ],
)  # fmt: skip
def test_survives_odd_targets(passkey: Passkey, authenticator: Authenticator, target: str) -> None:
    """An address that cannot be gone to is none, and signs in all the same (T17)."""
    client = Client()
    answer = authenticator.get(ask(client, "authenticate-options"))
    response = post(client, "authenticate", {"credential": answer, "next": target})
    assert response.status_code == 200
    assert is_signed_in(client)


def test_is_large() -> None:
    """At least 60 kinds of each."""
    assert min(len(REGISTRATIONS), len(SIGN_INS)) >= 60
