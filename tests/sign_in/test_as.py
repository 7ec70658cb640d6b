"""The ceremony for a remembered account: whose passkeys are asked for, and whose are taken."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_refused, passkey_used
from otp_passkeys.testing import Authenticator, from_base64url

from ..helpers import remembered as browser
from ..helpers.remembered import options_for, remembering, selectors, sign_in_as
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, answer, enrol, is_signed_in, outcome, post

NOBODY: list[Any] = [
    "x", "", "alice", "A" * 22, "x" * 10_000, "\ud800", "ü", None, 1, True, ["a"], {"a": 1},
]  # fmt: skip


def test_signs_in(passkey: Passkey, alice: User, authenticator: Authenticator) -> None:
    """The options name the account's passkeys with transports, and one of them signs in (S4.16, S4.6)."""
    client = remembering(alice)
    [selector] = selectors(client)
    options = options_for(client, selector)
    assert options["allowCredentials"] == [
        {"id": passkey.id_base64url, "type": "public-key", "transports": passkey.transports}
    ]
    assert options["userVerification"] == "required"
    response = answer(client, "authenticate", authenticator.get(options))
    assert outcome(response) == "200"
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_disabled_passkeys_are_not_asked_for(passkey: Passkey, alice: User) -> None:
    """A disabled passkey is no way in: the page asks for the password (S4.16)."""
    Passkey.objects.update(confirmed=False)
    client = remembering(alice)
    [selector] = selectors(client)
    assert options_for(client, selector)["allowCredentials"] == []
    assert 'type="password"' in browser.page(client, account=selector)


def test_signs_in_nobody_else(
    passkey: Passkey, alice: User, bob: User, bobs: Authenticator, authenticator: Authenticator
) -> None:
    """Signing in as bob with alice's passkey signs in nobody, and signals nothing (S4.17, S4.8)."""
    client = remembering(alice, bob)
    bobs_selector, alices_selector = selectors(client)
    states = Passkey.objects.order_by("pk").values_list("pk", "last_used_at", "sign_count")
    before = list(states)
    with (
        sent(user_logged_in) as logged_in,
        sent(passkey_used) as used,
        sent(passkey_refused) as refused,
    ):
        response = sign_in_as(client, bobs_selector, authenticator)
    assert response.status_code == 403
    assert response.json() == {
        "code": "credential_user_mismatch",
        "detail": "That passkey belongs to a different account. Choose one of this account, or another way.",
    }
    assert not is_signed_in(client)
    assert logged_in == used == []
    assert [call["error"].code for call in refused] == ["credential_user_mismatch"]
    assert list(states.all()) == before
    assert outcome(sign_in_as(client, alices_selector, authenticator)) == "200"


def test_account_without_a_passkey_takes_nobody_elses(
    passkey: Passkey, bob: User, authenticator: Authenticator
) -> None:
    """Also where bob has no passkey at all (S4.17)."""
    client = remembering(bob)
    [selector] = selectors(client)
    assert outcome(sign_in_as(client, selector, authenticator)) == "credential_user_mismatch"
    assert not is_signed_in(client)


@pytest.mark.each_set
@pytest.mark.parametrize("nobody", NOBODY)
@pytest.mark.parametrize("remembers", [True, False])
def test_nobody_is_anybody(
    passkey: Passkey,
    alice: User,
    bob: User,
    authenticator: Authenticator,
    nobody: Any,
    remembers: bool,
) -> None:
    """A selector that names nobody is answered like none: no list, the same shape (S4.18)."""
    client = remembering(bob) if remembers else Client()
    expected, response = (
        post(client, "authenticate-options", body) for body in ({}, {"account": nobody})
    )
    assert response.status_code == 200
    assert {*response.headers} == {*expected.headers}
    options, plain = response.json(), expected.json()
    assert options["allowCredentials"] == []
    assert len(from_base64url(options["challenge"])) == len(from_base64url(plain["challenge"]))
    for each in (options, plain):
        each.pop("challenge")
    assert options == plain
    assert outcome(sign_in_as(client, nobody, authenticator)) == "200"
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_remembered_accounts_have_the_same_shape(passkey: Passkey, alice: User, bob: User) -> None:
    """With and without a passkey, known and unknown: the members are the same (S4.18)."""
    client = remembering(alice, bob)
    answers = [options_for(client, one) for one in [*selectors(client), "unknown"]]
    assert len({frozenset(each) for each in answers}) == 1
    assert len({len(each["challenge"]) for each in answers}) == 1


def test_is_for_this_browser_and_account(
    passkey: Passkey, alice: User, bobs: Authenticator, bob: User, authenticator: Authenticator
) -> None:
    """An answer made for one browser is worth nothing in eve's, cookie or not (S4.17, T5)."""
    client, eves = remembering(alice), Client()
    [selector] = selectors(client)
    stolen = authenticator.get(options_for(client, selector))
    assert outcome(answer(eves, "authenticate", stolen)) == "challenge_invalid"
    assert not is_signed_in(eves)


def test_signed_in_user_confirms(
    passkey: Passkey, alice: User, bob: User, bobs: Authenticator, signed_in: SignedIn
) -> None:
    """In a session the account is the session's, whatever the browser names (S4.5)."""
    client = remembering(bob)
    [selector] = selectors(client)
    browser.sign_in_by_password(client, alice)
    options = options_for(client, selector)
    assert [one["id"] for one in options["allowCredentials"]] == [passkey.id_base64url]
    assert outcome(sign_in_as(client, selector, bobs)) == "credential_user_mismatch"


@pytest.mark.parametrize(
    ("policy", "asked", "expected"),
    [
        ("preferred", "required", "required"),
        ("preferred", "discouraged", "preferred"),
        ("preferred", None, "preferred"),
        ("preferred", ["required"], "preferred"),
        ("required", "preferred", "required"),
        ("required", "discouraged", "required"),
    ],
)
def test_may_ask_for_more(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    policy: str,
    asked: Any,
    expected: str,
) -> None:
    """A page may ask for verification where the policy does not, and never for less (S4.6, T7)."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = policy
    client = Client()
    options = post(client, "authenticate-options", {"verification": asked}).json()
    assert options["userVerification"] == expected
    assertion = authenticator.get(options, user_verified=False, force=True)
    refused = "verification_failed" if expected == "required" else "200"
    assert outcome(answer(client, "authenticate", assertion)) == refused


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data", "text/plain"])
@pytest.mark.parametrize("body", ["{", "[]", "", '{"account": NaN}', "[" * 50_000])
def test_reads_no_nonsense(alice: User, body: str, content_type: str) -> None:
    """What cannot be read asks for nothing (T12)."""
    response = Client().post("/passkeys/authenticate/options/", body, content_type=content_type)
    assert response.status_code == 200
    assert response.json()["allowCredentials"] == []


def test_nobody_else_is_asked_for(
    passkey: Passkey, alice: User, bob: User, signed_in: SignedIn
) -> None:
    """The page of bob, who has a passkey of another device, says nothing of alice's (S4.16)."""
    enrol(signed_in(bob), Authenticator())
    client = remembering(alice, bob)
    bobs, alices = (browser.options_for(client, one) for one in selectors(client))
    assert [one["id"] for one in alices["allowCredentials"]] == [passkey.id_base64url]
    assert passkey.id_base64url not in str(bobs)
    assert len(bobs["allowCredentials"]) == 1
