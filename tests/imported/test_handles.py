"""User handles of another package: a passkey keeps its own, one that is not known is learnt, new ones get ours."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import Authenticator, from_base64url, register, sign_in

from ..helpers.steps import SignedIn, answer, ask, is_signed_in, outcome
from .helpers import GUESSABLE, imported

OLD, NEW = b"bob_before", b"bob_now"


def test_signs_in(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """S5.1, S5.4: a passkey under another package's handle signs in, verified, and keeps that handle."""
    imported(alice, signed_in, authenticator)
    client = Client()
    assert outcome(sign_in(client, authenticator)) == "200"
    assert "otp_device_id" in client.session
    assert bytes(Passkey.objects.get().handle or b"") == GUESSABLE


def test_without_a_handle_of_ours(
    alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.4: a handle of its own does for the passkey of an account that has none yet."""
    imported(alice, signed_in, authenticator)
    UserHandle.objects.all().delete()
    assert outcome(sign_in(Client(), authenticator)) == "200"


def test_old_and_new(alice: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """S5.4: beside an imported passkey a new one gets the account's random handle, and both sign in."""
    imported(alice, signed_in, authenticator)
    other = Authenticator()
    options = ask(signed_in(alice), "register-options")
    handle = from_base64url(options["user"]["id"])
    assert handle == bytes(UserHandle.objects.get().handle)
    assert (len(handle), handle != GUESSABLE) == (64, True)
    assert len(options["excludeCredentials"]) == 1
    client = signed_in(alice)
    assert register(client, other).status_code == 201
    assert len(ask(client, "authenticate-options")["allowCredentials"]) == 2
    assert [outcome(sign_in(Client(), one)) for one in (authenticator, other)] == ["200", "200"]
    assert list(Passkey.objects.order_by("pk").values_list("handle", flat=True))[1] is None


@pytest.mark.parametrize("handle", [None, GUESSABLE])
def test_another_handle(
    alice: User, bob: User, signed_in: SignedIn, authenticator: Authenticator, handle: bytes | None
) -> None:
    """S5.4: a passkey with a handle of its own is not its account's, and the other way round."""
    imported(alice, signed_in, authenticator, handle=handle)
    account = bytes(UserHandle.objects.get(user=alice).handle)
    for wrong in {GUESSABLE, account, b"2", b""} - {handle or account, b""}:
        client = Client()
        assert outcome(sign_in(client, authenticator, user_handle=wrong)) == (
            "credential_user_mismatch"
        )
        assert not is_signed_in(client)


def test_who_cannot_sign_learns_no_handle(
    alice: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """T34: the right guess and a wrong one are refused alike where the signature is bad."""
    imported(alice, signed_in, authenticator)
    codes = []
    for guess in (GUESSABLE, b"2"):
        client = Client()
        assertion = authenticator.get(ask(client, "authenticate-options"), user_handle=guess)
        assertion["response"]["signature"] = "AAAA"
        refused = answer(client, "authenticate", assertion)
        codes.append((refused.status_code, refused.content))
    assert codes[0] == codes[1]
    assert codes[0][0] == 422


@pytest.mark.parametrize("known", [OLD, NEW])
def test_is_learnt(
    bob: User, signed_in: SignedIn, authenticator: Authenticator, known: bytes
) -> None:
    """S5.4: the first verified answer says which of the candidates it is; from then on no other will do."""
    imported(bob, signed_in, authenticator, handle=known, candidates=[OLD, NEW])
    assert outcome(sign_in(Client(), authenticator)) == "200"
    passkey = Passkey.objects.get()
    assert bytes(passkey.handle or b"") == known
    assert passkey.handle_candidates is None
    (other,) = {OLD, NEW} - {known}
    assert outcome(sign_in(Client(), authenticator, user_handle=other)) == (
        "credential_user_mismatch"
    )
    assert outcome(sign_in(Client(), authenticator)) == "200"


def test_no_candidate(bob: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """S5.4: a handle that is none of the candidates is refused, the account's included, and nothing is learnt."""
    imported(bob, signed_in, authenticator, candidates=[OLD, NEW])
    account = bytes(UserHandle.objects.get().handle)
    for wrong in (b"eve", OLD + b"\0", OLD[:-1], account):
        assert outcome(sign_in(Client(), authenticator, user_handle=wrong)) == (
            "credential_user_mismatch"
        )
    passkey = Passkey.objects.get()
    assert passkey.handle is None
    assert len(passkey.handle_candidates) == 2


def test_refused_answer_teaches_nothing(
    bob: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.4: a handle that comes with a bad answer is not learnt, nor that of a passkey that may not be used."""
    imported(bob, signed_in, authenticator, handle=NEW, candidates=[OLD, NEW])
    assert outcome(sign_in(Client(), authenticator, rp_id="evil.test")) == "verification_failed"
    Passkey.objects.update(confirmed=False)
    assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
    assert Passkey.objects.get().handle is None


def test_answer_without_a_handle(
    bob: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """S5.4: where the user is known an answer may name no handle; it confirms, and teaches nothing."""
    imported(bob, signed_in, authenticator, handle=NEW, candidates=[OLD, NEW])
    client = signed_in(bob)
    assert outcome(sign_in(client, authenticator, omit_user_handle=True)) == "200"
    assert Passkey.objects.get().handle is None
    assert outcome(sign_in(Client(), authenticator, omit_user_handle=True)) == (
        "verification_failed"
    )
    assert outcome(sign_in(client, authenticator)) == "200"
    assert bytes(Passkey.objects.get().handle or b"") == NEW


def test_same_handle_of_two_accounts(alice: User, eve: User, signed_in: SignedIn) -> None:
    """S5.4, Y16: a handle that two accounts have signs each in with their own passkey; the ID says whose it is."""
    for user in (alice, eve):
        authenticator = Authenticator()
        imported(user, signed_in, authenticator)
        client = Client()
        assert outcome(sign_in(client, authenticator)) == "200"
        assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.database_sessions
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("candidates", [None, [GUESSABLE, OLD]])
def test_costs_nothing(
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    count: Callable[..., Any],
    candidates: list[bytes] | None,
) -> None:
    """S5.4: at sign-in there is no further statement, and no commit, for a handle that is known or learnt."""
    imported(alice, signed_in, authenticator, candidates=candidates)
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    with count(statements=7, commits=2) as seen:
        assert outcome(answer(client, "authenticate", assertion)) == "200"
    assert sum("JOIN" in statement for statement in seen.statements) == 1  # that of user and handle
    passkey = Passkey.objects.get()
    assert (bytes(passkey.handle or b""), passkey.handle_candidates) == (GUESSABLE, None)
    assert passkey.backup_eligible is True
